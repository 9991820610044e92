#!/usr/bin/env bash
# Becomes the server process, so that signals reach it.
#   serve.sh NODE HOST PORT
# CHROMA_DATA names its folder; without it, one for this process that is left to the system to clear.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
data="${CHROMA_DATA:-$(mktemp -d)}"
cd "$folder"
exec "$1" --eval '
  const [binding, path, host, port] = process.argv.slice(1);
  require(binding).cli(["chroma", "run", "--path", path, "--host", host, "--port", port]);
' "$binding" "$data" "$2" "$3"
