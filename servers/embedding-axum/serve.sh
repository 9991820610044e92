#!/usr/bin/env bash
# Becomes the server process, so that signals reach it. Options are those of the binary.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/paths.sh"
export EMBEDDING_MODEL_DIR="${EMBEDDING_MODEL_DIR:-$default_model_dir}"
export ORT_DYLIB_PATH="${ORT_DYLIB_PATH:-$(onnxruntime_library)}"
if [ ! -x "$binary" ]; then
  echo "embedding-axum is not installed: run bash $here/install.sh" >&2
  exit 1
fi
exec "$binary" "$@"
