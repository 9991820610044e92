# Runs a PostgreSQL with a data folder of its own. Sourced by the serve.sh of each recipe.

# run_server PROGRAM_FOLDER TREE OPTION...
#   PROGRAM_FOLDER  where initdb and postgres are, relative to TREE
#   TREE            the folder that they need whole
#   --host, --port; every other option is handed to postgres (such as -c fsync=off)
#
# POSTGRES_DATA names the folder of its data, empty or not there yet; without it, one that is gone when
# the server is. Its sockets, and what it needs to run, are not kept there: what is there is data.
#
# PostgreSQL refuses to run as root. Root therefore hands it to an unprivileged user, who may not be
# able to read the tree where root has it: hard links of it then stand in a folder that goes with it.
run_server() {
  local programs="$1" tree="$2" host=127.0.0.1 port=5432
  shift 2
  local options=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --host) host="$2"; shift 2 ;;
      --port) port="$2"; shift 2 ;;
      *) options+=("$1"); shift ;;
    esac
  done

  folder="$(mktemp -d "${TMPDIR:-/tmp}/loadgen-postgres.XXXXXX")"
  local data="${POSTGRES_DATA:-$folder/data}"
  mkdir -p "$data"
  data="$(cd "$data" && pwd)"
  server=
  trap 'rm -rf "$folder"' EXIT
  trap '[ -z "$server" ] || kill -INT "$server" 2>/dev/null || true' INT TERM
  local as=()
  if [ "$(id -u)" = 0 ]; then
    local user=nobody
    id -u postgres >/dev/null 2>&1 && user=postgres
    chown "$user" "$folder" "$data"
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --)
    if ! "${as[@]}" test -x "$tree/$programs/postgres"; then
      cp -al "$tree" "$folder/tree" 2>/dev/null || cp -a "$tree" "$folder/tree"
      chmod 755 "$folder/tree"
      tree="$folder/tree"
    fi
  fi
  cd "$folder"
  "${as[@]}" "$tree/$programs/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C \
    --no-sync >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    return 1
  }
  # Messages in English, and connections for a sweep to 64 and what else asks meanwhile.
  "${as[@]}" "$tree/$programs/postgres" -D "$data" -k "$folder" -p "$port" \
    -c "listen_addresses=$host" -c lc_messages=C -c max_connections=200 "${options[@]}" &
  server=$!
  # A signal ends `wait` before the server has ended.
  local code=0
  wait "$server" || code=$?
  while kill -0 "$server" 2>/dev/null; do wait "$server" || code=$?; done
  return "$code"
}
