#!/usr/bin/env bash
# Starts the PostgreSQL that npm has, empty, on one port; SIGINT and SIGTERM end it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
source "$here/paths.sh"
source "$here/../postgres/run-server.sh"
if [ ! -e "$embedded/.complete" ]; then
  echo "postgres-embedded is not installed: run bash $here/install.sh" >&2
  exit 1
fi
run_server bin "$embedded/node_modules/$embedded_package/native" "$@"
