#!/bin/sh
# Resolve every dependency anew, for all supported Pythons and platforms, into files with hashes.
# The files hold no address, so they serve with any index that has the same packages. Needs `uv`.
set -eu
cd "$(dirname "$0")/.."
export UV_CUSTOM_COMPILE_COMMAND="just pin"
pin() {
  uv pip compile pyproject.toml --quiet --universal --generate-hashes \
    --no-emit-index-url --no-emit-find-links "$@"
}
pin --group build --output-file constraints.txt
pin --group build --group dev --group docs --constraint constraints.txt --output-file constraints-dev.txt
# What compiles the linking kernel on a machine without a C compiler; never part of an environment.
echo "ziglang>=0.15,<1" | uv pip compile - --quiet --universal --generate-hashes \
  --no-emit-index-url --no-emit-find-links --output-file constraints-compiler.txt
