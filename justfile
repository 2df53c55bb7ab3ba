# What people who work on Equipoise type. Each recipe is one line of the project's own scripts.

# list the recipes
default:
    @just --list

# everything that must hold before a change is taken in
check:
    ./check

# style, types, import contracts and generated pages only (the commit hook)
style:
    ./check style

# the fast tests, or those that the arguments name
test *arguments="tests":
    ./check -m "not slow" {{arguments}}

# every test, the long ones too
test-all:
    ./check tests

# write the generated reference pages anew, then build the documentation
docs:
    .venv/bin/python docs/generate.py
    ./check docs

# the two systems on the invented city
demo site="demo-site":
    ./try {{site}}

# lay the code out as the rules say
format:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# resolve the dependencies anew into the two files of hashes
pin:
    scripts/pin.sh
