#!/usr/bin/env bash
# Builds this server and prepares the model that it serves. ONNX Runtime's shared library is the one in
# the Python environment that prepares the model.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/paths.sh"

is_installed() { [ -x "$binary" ] && bash "$models_folder/install.sh" --check; }

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
command -v cargo >/dev/null || {
  echo "embedding-axum is written in Rust: install cargo 1.92 or newer (https://rustup.rs)" >&2
  exit 1
}
lock_cache
LOADGEN_CACHE_LOCKED=1 bash "$models_folder/install.sh"
CARGO_TARGET_DIR="$cache/axum-target" \
  cargo build --release --locked --quiet --manifest-path "$here/Cargo.toml"
mkdir -p "$(dirname "$binary")"
cp "$cache/axum-target/release/embedding-axum" "$binary.new"
mv "$binary.new" "$binary"
