#!/usr/bin/env bash
# Builds Weaviate from its Go module.
#   install.sh            build what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

if [ "${1:-}" = --check ]; then
  [ -x "$binary" ]
  exit
fi
[ -x "$binary" ] && exit
command -v go >/dev/null || {
  echo "Weaviate is written in Go: install go 1.24 or newer (https://go.dev)" >&2
  exit 1
}
GOBIN="$(dirname "$binary").building" GOFLAGS=-buildvcs=false \
  go install "github.com/weaviate/weaviate/cmd/weaviate-server@$weaviate_version"
mkdir -p "$(dirname "$binary")"
mv "$(dirname "$binary").building/weaviate-server" "$binary"
rmdir "$(dirname "$binary").building"
