# Where the installed server lies; sourced by install.sh and serve.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../models/environment.sh"
binding=chromadb-js-bindings-linux-x64-gnu
version=1.0.5
folder="$cache/chroma/$version"
