#!/usr/bin/env bash
# Builds this server into ~/.cache/loadgen. Needs Go.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
version="$(cat "$here/main.go" "$here/go.mod" | sha256sum | cut -c1-12)"
binary="$HOME/.cache/loadgen/bin/grpc-go-$version"

if [ "${1:-}" = --check ]; then
  [ -x "$binary" ]
  exit
fi
if [ "${1:-}" = --path ]; then
  echo "$binary"
  exit
fi
[ -x "$binary" ] && exit
command -v go >/dev/null || {
  echo "grpc-go is written in Go: install Go 1.24 or newer (https://go.dev)" >&2
  exit 1
}
mkdir -p "$(dirname "$binary")"
(cd "$here" && GOFLAGS=-buildvcs=false nice -n 10 go build -o "$binary.new" .)
mv "$binary.new" "$binary"
