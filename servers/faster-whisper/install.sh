#!/usr/bin/env bash
# Makes a Python environment with faster-whisper-server, and a tiny Whisper with random weights.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_installed() { venv_is_complete "$venv" && [ -e "$model/model.bin" ]; }

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
lock_cache
make_venv "$venv" "$here/requirements.txt"
[ -e "$model/model.bin" ] || "$venv/bin/python" "$here/make_tiny_whisper.py" "$model"
