#!/usr/bin/env bash
# Installs VectorDBBench into the cache that the servers use: 1.3 GB, a minute or two.
#   install.sh            install what is missing
#   install.sh --path     print where it is; exit 1 when it is not there
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/../../../servers/models/environment.sh"
install_venv vectordbbench-venv "$here" "$@"
