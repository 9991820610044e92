# Where the built server and ONNX Runtime's library lie; sourced by install.sh and serve.sh.
source "$here/../models/environment.sh"
binary="$cache/embedding-axum/$(digest "$here"/Cargo.toml "$here"/Cargo.lock "$here"/src/*.rs)/embedding-axum"

# The name carries its version.
onnxruntime_library() {
  local found=("$models_venv"/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*)
  echo "${found[0]}"
}
