#!/usr/bin/env bash
# Becomes the server process, so that signals reach it.
#   serve.sh HOST PORT GRPC_PORT CLUSTER_PORT CLUSTER_DATA_PORT RAFT_PORT RAFT_RPC_PORT
# WEAVIATE_DATA names its folder; without it, one for this process that is left to the system to clear.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
export PERSISTENCE_DATA_PATH="${WEAVIATE_DATA:-$(mktemp -d)}"
export AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true DEFAULT_VECTORIZER_MODULE=none ENABLE_MODULES=
export CLUSTER_HOSTNAME=node1 CLUSTER_ADVERTISE_ADDR=127.0.0.1 CLUSTER_BIND_ADDR=127.0.0.1
export RAFT_BOOTSTRAP_EXPECT=1 DISABLE_TELEMETRY=true LOG_LEVEL=warning
export GRPC_PORT="$3" CLUSTER_GOSSIP_BIND_PORT="$4" CLUSTER_DATA_BIND_PORT="$5"
export RAFT_PORT="$6" RAFT_INTERNAL_RPC_PORT="$7" GO_PROFILING_DISABLE=true
exec "$binary" --host "$1" --port "$2" --scheme http
