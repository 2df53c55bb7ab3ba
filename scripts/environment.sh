# Sourced by ./try and ./check: makes .venv and fills it from a file of pinned, hashed requirements.
# Needs Python 3.11 or later and pip, and nothing else: no ensurepip, no compiler, no root.
# A stamp holds the checksum of what was installed, so the second time costs nothing.

VENV=${EQUIPOISE_VENV:-.venv}

find_python() {
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Equipoise needs Python 3.11 or later. On Debian 12: apt install python3 python3-pip" >&2
  return 1
}

pip_into_venv() {
  # The venv has no pip of its own (Debian's Python may lack ensurepip), so the outer pip fills it.
  "$PYTHON_FOUND" -m pip --python "$VENV/bin/python" --quiet --disable-pip-version-check "$@"
}

prepare() { # prepare REQUIREMENTS_FILE
  stamp=$(cat "$1" pyproject.toml scripts/environment.sh | cksum)
  if [ -x "$VENV/bin/equipoise" ] && grep -qxF "$1 $stamp" "$VENV/installed" 2>/dev/null; then
    return
  fi
  PYTHON_FOUND=$(find_python)
  if ! "$PYTHON_FOUND" -m pip help 2>/dev/null | grep -q -e '--python <'; then
    echo "Equipoise needs pip 22.3 or later. On Debian 12: apt install python3-pip" >&2
    return 1
  fi
  echo "Installing into $VENV what $1 names (a minute or two, once) ..."
  [ -x "$VENV/bin/python" ] || "$PYTHON_FOUND" -m venv --without-pip "$VENV"
  pip_into_venv install --require-hashes --requirement "$1"
  # The build backend is pinned above too, so nothing unpinned is fetched to build the project.
  pip_into_venv install --no-deps --no-build-isolation --editable .
  echo "$1 $stamp" >>"$VENV/installed"
}
