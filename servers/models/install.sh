#!/usr/bin/env bash
# Makes the Python environment of this folder and prepares the default model.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_installed() { venv_is_complete "$models_venv" && [ -e "$default_model_dir/prepared.json" ]; }

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
# A caller that holds the lock says so, or it would wait for itself.
[ -n "${LOADGEN_CACHE_LOCKED:-}" ] || lock_cache
make_venv "$models_venv" "$models_folder/requirements.txt"
"$models_venv/bin/python" "$models_folder/prepare.py" --out "$default_model_dir"
