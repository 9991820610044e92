# Where models and Python environments live, and how an environment is made. Sourced by the scripts of
# the servers; everything is below one cache folder outside of the repository and keyed by content, so
# that a changed requirement or source never meets an old installation.

models_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${LOADGEN_CACHE:-$HOME/.cache/loadgen}"

# The first twelve digits of the SHA-256 of files, one after the other.
digest() { cat "$@" | sha256sum | cut -c1-12; }

# venv_path NAME REQUIREMENTS: the folder of an environment.
venv_path() { echo "$cache/$1-$(digest "$2")"; }

# An environment without its mark was interrupted half way.
venv_is_complete() { [ -e "$1/.complete" ]; }

# make_venv FOLDER REQUIREMENTS
make_venv() {
  venv_is_complete "$1" && return
  local python="${PYTHON:-python3}"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; '$python' is not. Name one with PYTHON=/path/to/python3." >&2
    return 1
  }
  rm -rf "$1"
  "$python" -m venv "$1"
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
  touch "$1/.complete"
}

# Only one script at a time installs into the cache; a second waits and then finds the work done.
lock_cache() {
  mkdir -p "$cache"
  if command -v flock >/dev/null; then
    exec 9>"$cache/.install.lock"
    flock 9
  fi
}

# install_venv NAME FOLDER [--path]: all of an install.sh that makes nothing but the environment of the
# folder's requirements. With --path it prints where that is, and fails when it is not there.
install_venv() {
  local venv
  venv="$(venv_path "$1" "$2/requirements.txt")"
  if [ "${3:-}" = --path ]; then
    venv_is_complete "$venv" || return 1
    echo "$venv"
    return
  fi
  venv_is_complete "$venv" && return
  lock_cache
  make_venv "$venv" "$2/requirements.txt"
}

models_venv="$(venv_path models-venv "$models_folder/requirements.txt")"
default_model_dir="$cache/models/minilm-random-$(cat "$models_folder/VERSION")"
