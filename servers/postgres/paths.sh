# Where Debian and Ubuntu put PostgreSQL: the newest version, unless PGBIN names a folder. Sourced.
postgres_programs() {
  if [ -n "${PGBIN:-}" ]; then
    echo "$PGBIN"
    return
  fi
  local found
  found="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
  [ -x "$found/postgres" ] && echo "$found"
}
