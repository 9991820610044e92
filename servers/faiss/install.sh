#!/usr/bin/env bash
# Makes the Python environment of this server.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path faiss-venv "$here/requirements.txt")"

if [ "${1:-}" = --check ]; then
  venv_is_complete "$venv"
  exit
fi
make_venv "$venv" "$here/requirements.txt"
