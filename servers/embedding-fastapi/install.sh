#!/usr/bin/env bash
# Makes the Python environment of this server and the model that it serves.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path embedding-fastapi-venv "$here/requirements.txt")"

is_installed() { venv_is_complete "$venv" && bash "$models_folder/install.sh" --check; }

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
lock_cache
LOADGEN_CACHE_LOCKED=1 bash "$models_folder/install.sh"
make_venv "$venv" "$here/requirements.txt"
