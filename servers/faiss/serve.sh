#!/usr/bin/env bash
# Becomes the server process, so that signals reach it. Options are those of main.py.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path faiss-venv "$here/requirements.txt")"
if [ ! -x "$venv/bin/python" ]; then
  echo "faiss is not installed: run bash $here/install.sh" >&2
  exit 1
fi
exec "$venv/bin/python" "$here/main.py" "$@"
