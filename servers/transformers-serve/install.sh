#!/usr/bin/env bash
# Makes a Python environment with `transformers serve`, and a tiny model with random weights.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_installed() { venv_is_complete "$venv" && [ -e "$model/config.json" ]; }

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
lock_cache
make_venv "$venv" "$here/requirements.txt"
[ -e "$model/config.json" ] || "$venv/bin/python" "$here/../vllm/make_tiny_model.py" "$model"
