# Where this server and its models are. Sourced by install.sh and serve.sh.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path triton-venv "$here/requirements.txt")"
packages="$venv/lib/python3.11/site-packages"
# The wheel's own folder must stay as it is: the libraries beside it are found by relative paths.
# Only the backends are copied, because the stub of this Python has to stand among them.
backends="$venv/backends"
