#!/usr/bin/env bash
# Runs Milvus as a child and ends it, with whatever it started, when this ends.
#   serve.sh PORT
# MILVUS_DATA names its folder; without it, one for this process that goes with it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
venv="$(venv_path milvus-venv "$here/requirements.txt")"
if [ ! -x "$venv/bin/milvus-server" ]; then
  echo "milvus is not installed: run bash $here/install.sh" >&2
  exit 1
fi
if [ -n "${MILVUS_DATA:-}" ]; then
  exec "$venv/bin/python" "$here/start.py" "$MILVUS_DATA" "$1"
fi
data="$(mktemp -d)"
trap 'rm -rf "$data"' EXIT
"$venv/bin/python" "$here/start.py" "$data" "$1" &
server=$!
# SIGTERM would leave its child behind.
trap 'kill -INT "$server" 2>/dev/null' INT TERM
while kill -0 "$server" 2>/dev/null; do wait "$server" || true; done
