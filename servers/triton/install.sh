#!/usr/bin/env bash
# Makes the Python environment that Triton comes in and the model that it serves.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

is_installed() {
  venv_is_complete "$venv" && [ -x "$backends/python/triton_python_backend_stub" ] &&
    bash "$models_folder/install.sh" --check
}

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
lock_cache
LOADGEN_CACHE_LOCKED=1 bash "$models_folder/install.sh"
PYTHON="${PYTHON:-python3.11}" make_venv "$venv" "$here/requirements.txt"
wheel="$packages/pytriton/tritonserver"
rm -rf "$backends.new" "$backends"
cp -r "$wheel/backends" "$backends.new"
cp "$wheel/python_backend_stubs/3.11/triton_python_backend_stub" "$backends.new/python/"
chmod +x "$backends.new/python/triton_python_backend_stub"
mv "$backends.new" "$backends"
