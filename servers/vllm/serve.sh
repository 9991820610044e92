#!/usr/bin/env bash
# Becomes the server process, so that signals reach it. Further options are those of `vllm serve`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
if [ ! -x "$venv/bin/vllm" ]; then
  echo "vllm is not installed: run bash $here/install.sh" >&2
  exit 1
fi
export PATH="$venv/bin:$PATH"
export VLLM_CPU_KVCACHE_SPACE="${VLLM_CPU_KVCACHE_SPACE:-1}"
export HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
exec "$venv/bin/vllm" serve "${VLLM_MODEL:-$model}" --served-model-name tiny \
  --enforce-eager --dtype bfloat16 --max-model-len 2048 --max-num-seqs 16 "$@"
