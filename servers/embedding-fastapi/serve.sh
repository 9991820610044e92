#!/usr/bin/env bash
# Becomes the server process, so that signals reach it. Options are those of server.py.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path embedding-fastapi-venv "$here/requirements.txt")"
export EMBEDDING_MODEL_DIR="${EMBEDDING_MODEL_DIR:-$default_model_dir}"
if [ ! -x "$venv/bin/python" ]; then
  echo "embedding-fastapi is not installed: run bash $here/install.sh" >&2
  exit 1
fi
exec "$venv/bin/python" "$here/server.py" "$@"
