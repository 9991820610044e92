#!/usr/bin/env bash
# Becomes the server process, so that signals reach it.
#   serve.sh HOST HTTP_PORT GRPC_PORT METRICS_PORT [more options of tritonserver]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
if [ ! -x "$backends/python/triton_python_backend_stub" ]; then
  echo "triton is not installed: run bash $here/install.sh" >&2
  exit 1
fi
host="$1" http_port="$2" grpc_port="$3" metrics_port="$4"
shift 4
export EMBEDDING_MODEL_DIR="${EMBEDDING_MODEL_DIR:-$default_model_dir}"
# The stub of the Python backend wants the library of the interpreter that the environment is of.
libpython="$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))')"
export LD_LIBRARY_PATH="$packages/nvidia_pytriton.libs:$libpython"
export PATH="$venv/bin:$PATH" PYTHONPATH="$packages"
exec "$packages/pytriton/tritonserver/bin/tritonserver" \
  --model-repository="${TRITON_MODELS:-$here/models}" --backend-directory="$backends" \
  --model-control-mode=explicit --load-model='*' \
  --http-address="$host" --http-port="$http_port" \
  --grpc-address="$host" --grpc-port="$grpc_port" \
  --metrics-address="$host" --metrics-port="$metrics_port" \
  --metrics-config=summary_latencies=true --allow-gpu-metrics=false \
  --pinned-memory-pool-byte-size=0 --disable-auto-complete-config --exit-on-error=true --log-info=false \
  "$@"
