# Where this server and its model live. Sourced by install.sh and serve.sh.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path transformers-serve-venv "$here/requirements.txt")"
model="$cache/models/tiny-llama-$(digest "$here/../vllm/make_tiny_model.py")"
