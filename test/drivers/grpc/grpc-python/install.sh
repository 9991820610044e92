#!/usr/bin/env bash
# Makes the Python environment of this server, in the cache that the servers use.
#   install.sh            install what is missing
#   install.sh --path     print where it is; exit 1 when it is not there
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../../../servers/models/environment.sh"
install_venv grpc-python-venv "$here" "$@"
