#!/usr/bin/env bash
# Becomes the server process, so that signals reach it. Options are those of faster-whisper-server.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
if [ ! -x "$venv/bin/faster-whisper-server" ]; then
  echo "faster-whisper is not installed: run bash $here/install.sh" >&2
  exit 1
fi
export HF_HUB_OFFLINE=1 HF_HUB_DISABLE_TELEMETRY=1
source "$here/../models/cpu-limit.sh"
[ -z "${CPU_LIMIT:-}" ] || limit_cpus "$CPU_LIMIT"
config="$cache/faster-whisper.yaml"
printf 'models:\n  - { name: tiny, path: "%s", model_options: { device: cpu, cpu_threads: %s } }\n' \
  "${WHISPER_MODEL:-$model}" "${WHISPER_THREADS:-1}" > "$config.$$"
mv "$config.$$" "$config"
exec "$venv/bin/faster-whisper-server" --config "$config" "$@"
