# limit_cpus CORES: gives this process, and what it becomes, no more CPU time than so many cores (0.5 is
# half of one), in periods of 100 ms as containers do. Needs root and a writable cgroup hierarchy, version
# 1 or 2. Sourced by the scripts of the servers.
limit_cpus() {
  local root=/sys/fs/cgroup period=100000 quota group
  quota="$(awk -v cores="$1" -v period="$period" 'BEGIN { printf "%d", cores * period }')"
  if [ "$quota" -lt 1000 ]; then
    echo "CPU_LIMIT is a number of cores, at least 0.01; found '$1'" >&2
    return 1
  fi
  [ -e "$root/cpu/cpu.cfs_quota_us" ] && root="$root/cpu"
  # Groups of servers that are gone; those in use cannot be removed.
  rmdir "$root"/loadgen-limit-* 2>/dev/null || true
  group="$root/loadgen-limit-$$"
  if ! mkdir "$group" 2>/dev/null; then
    echo "CPU_LIMIT needs root and a writable $root" >&2
    return 1
  fi
  if [ -e "$group/cpu.cfs_quota_us" ]; then
    echo "$period" >"$group/cpu.cfs_period_us"
    echo "$quota" >"$group/cpu.cfs_quota_us"
  else
    echo "$quota $period" >"$group/cpu.max"
  fi
  echo "$$" >"$group/cgroup.procs"
}
