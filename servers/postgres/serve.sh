#!/usr/bin/env bash
# Starts the system's PostgreSQL, empty, on one port; SIGINT and SIGTERM end it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/paths.sh"
source "$here/run-server.sh"
programs="$(postgres_programs)" || {
  echo "PostgreSQL is not installed: run bash $here/install.sh" >&2
  exit 1
}
run_server "$(basename "$programs")" "$(dirname "$programs")" "$@"
