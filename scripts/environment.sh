# Sourced by ./try and ./check: makes .venv and fills it from a file of pinned, hashed requirements.
# Needs Python 3.11 or later and pip, and nothing else: no ensurepip, no compiler, no root.
# Where there is no C compiler one is borrowed for the linking kernel, and thrown away again.
# A stamp holds the checksum of what was installed, so the second time costs nothing.

VENV=${EQUIPOISE_VENV:-.venv}
# Every command is a process of its own: one that may not keep its bytecode compiles all of it anew.
unset PYTHONDONTWRITEBYTECODE

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

compiled() { [ -f src/equipoise/carry/link/_kernel.so ] && [ -f src/equipoise/hashing/_blake2s.so ]; }

borrow_compiler() { # compile linking and hashing with a compiler that pip fetches to a temporary folder
  echo "There is no C compiler: borrowing one for linking and hashing (a minute, once) ..."
  borrowed=$(mktemp -d)
  if "$PYTHON_FOUND" -m pip install --quiet --disable-pip-version-check --target "$borrowed" \
    --no-deps --require-hashes --requirement constraints-compiler.txt; then
    ZIG_GLOBAL_CACHE_DIR="$borrowed/cache" ZIG_LOCAL_CACHE_DIR="$borrowed/cache" \
      PYTHONPATH="$borrowed" "$VENV/bin/python" hatch_build.py || true
  fi
  rm -rf "$borrowed"
  compiled || echo "That failed. Linking works without it, and takes longer." >&2
}

prepare() { # prepare REQUIREMENTS_FILE
  stamp=$(cat "$1" pyproject.toml scripts/environment.sh hatch_build.py \
    src/equipoise/carry/link/*.[ch] src/equipoise/hashing/*.c | cksum)
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
  compiled || borrow_compiler
  echo "$1 $stamp" >>"$VENV/installed"
}
