#!/usr/bin/env bash
# Installs the tools that loadgen is compared with, into ~/.cache/loadgen and nothing else. Needs npm,
# Go and Rust; k6 and oha take some minutes to build. Packages of the system are named and not installed.
set -euo pipefail

cache="$HOME/.cache/loadgen"
node_folder="$(cd "$(dirname "$0")/../node_modules/.bin" && pwd)"
export PATH="$node_folder:$PATH"

mkdir -p "$cache/go" "$cache/bench"
npm install --no-fund --no-audit --prefix "$cache/bench" autocannon@8.0.0

if command -v go >/dev/null; then
  export GOBIN="$cache/go"
  go install github.com/rakyll/hey@latest
  go install github.com/bojand/ghz/cmd/ghz@v0.120.0
  bash "$(dirname "$0")/../test/real/servers/grpc-go/install.sh"
  nice -n 10 go install go.k6.io/k6@latest
else
  echo "Go is not there: k6, hey and ghz are left out" >&2
fi

if command -v cargo >/dev/null; then
  # One job at low priority: a machine with few cores stays usable meanwhile.
  CARGO_TARGET_DIR="$cache/cargo-target" nice -n 10 \
    cargo install oha@1.16.0 --locked --jobs 1 --root "$cache/cargo"
  rm -rf "$cache/cargo-target"
else
  echo "Rust is not there: oha is left out" >&2
fi

for package in nginx wrk apache2-utils:ab nghttp2-client:h2load time; do
  command -v "${package#*:}" >/dev/null || echo "not there: apt-get install ${package%:*}"
done
command -v wrk2 >/dev/null || [ -x "$cache/bin/wrk2" ] ||
  echo "not there: wrk2; build https://github.com/giltene/wrk2 and put its wrk into $cache/bin as wrk2"
