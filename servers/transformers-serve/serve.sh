#!/usr/bin/env bash
# Becomes the server process, so that signals reach it. Options are those of `transformers serve`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
if [ ! -x "$venv/bin/transformers" ]; then
  echo "transformers-serve is not installed: run bash $here/install.sh" >&2
  exit 1
fi
export HF_HUB_OFFLINE=1 HF_HUB_DISABLE_TELEMETRY=1
exec "$venv/bin/transformers" serve "${TRANSFORMERS_MODEL:-$model}" --device cpu "$@"
