# Where the built server lies; sourced by install.sh and serve.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../models/environment.sh"
weaviate_version=v1.35.2
binary="$cache/weaviate/$weaviate_version/weaviate-server"
