#!/usr/bin/env bash
# Installs the Chroma server that npm carries: the newest binding that runs on glibc 2.36 and older.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

if [ "${1:-}" = --check ]; then
  [ -e "$folder/.complete" ]
  exit
fi
[ -e "$folder/.complete" ] && exit
lock_cache
rm -rf "$folder"
mkdir -p "$folder"
npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "$binding@$version"
touch "$folder/.complete"
