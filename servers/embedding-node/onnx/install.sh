#!/usr/bin/env bash
# Installs what `--engine onnx` computes with below ~/.cache/loadgen, and prepares the model.
#   install.sh            install what is missing
#   install.sh --check    exit 0 when everything is in place
#   install.sh --path     print where the packages are, there or not
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../models/environment.sh"
packages="$cache/embedding-node-onnx-$(digest "$here/packages.txt")"

is_installed() { [ -e "$packages/.complete" ] && bash "$models_folder/install.sh" --check; }

case "${1:-}" in
  --path)
    echo "$packages"
    exit
    ;;
  --check)
    is_installed
    exit
    ;;
esac
is_installed && exit
lock_cache
LOADGEN_CACHE_LOCKED=1 bash "$models_folder/install.sh"
if [ ! -e "$packages/.complete" ]; then
  mkdir -p "$packages"
  # The package brings ONNX Runtime for CPU; its install script would fetch what CUDA needs.
  xargs npm install --prefix "$packages" --ignore-scripts --no-audit --no-fund --silent \
    <"$here/packages.txt"
  touch "$packages/.complete"
fi
