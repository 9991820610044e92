#!/usr/bin/env bash
# Makes a Python environment with GuideLLM. `vllm bench serve` comes with servers/vllm/install.sh.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
#   install.sh --paths    print the programs and the tokenizer that the tests run, a line each
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../../servers/vllm/environment.sh"
peers="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
guidellm="$(venv_path guidellm-venv "$peers/requirements.txt")"

case "${1:-}" in
--check)
  venv_is_complete "$guidellm"
  exit
  ;;
--paths)
  printf '%s\n' "$venv/bin/vllm" "$guidellm/bin/guidellm" "$model"
  exit
  ;;
esac
venv_is_complete "$guidellm" && exit
lock_cache
PYTHON="${PYTHON:-python3.12}" make_venv "$guidellm" "$peers/requirements.txt"
