"""The project keeps its own house rules, and its pages follow from its code."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = sorted((ROOT / "src").rglob("*.py"))
CODE = [
    path
    for name in ("src", "tests", "benchmarks", "docs")
    for path in sorted((ROOT / name).rglob("*.py"))
]
MIGRATIONS = ROOT / "src" / "equipoise" / "store" / "migrations"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def committed() -> list[Path]:
    """Every text file that git would take with the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this copy of the project is not a git work tree")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))
    return importlib.import_module("generate")


def test_the_reference_pages_follow_from_the_code(generator: ModuleType) -> None:
    assert generator.stale() == (), "run `just docs`"


def test_every_code_has_a_sentence_and_belongs_to_a_room(generator: ModuleType) -> None:
    found = generator.problems()
    assert len(found) > 50
    assert [code for code in found if code.rstrip("0123456789") not in generator.ROOMS] == []
    assert [code for code, said in found.items() if not said] == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        named(path): lines
        for path in CODE
        if ROOT / "tests" not in path.parents
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_two_test_files_share_a_name() -> None:
    """Without packages, pytest imports one of them in the other's place."""
    names: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name not in ("conftest.py", "__init__.py"):
            names.setdefault(path.name, []).append(named(path))
    assert {name: paths for name, paths in names.items() if len(paths) > 1} == {}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its decorators and docstring."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and ast.get_docstring(function) is not None:
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_every_file_that_coverage_does_not_watch_is_there() -> None:
    tests = ROOT / "tests"
    lines = (tests / "unmeasured.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line[0] != "#" and not (tests / line).is_file()] == []


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{named(path)}:{function.lineno} {function.name}": lines_of_code(function)
        for path in SOURCE
        if MIGRATIONS not in path.parents
        for function in functions(path)
        if lines_of_code(function) > 40
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "manager", "core", "common", "misc"}
    assert [named(path) for path in CODE if nothing & {*path.parts, path.stem}] == []


def test_every_room_says_what_it_is() -> None:
    silent = [
        named(path)
        for path in SOURCE
        if path.name == "__init__.py"
        and path.parent != MIGRATIONS
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    """Files must serve anywhere: no home folder, no index address, no one builder's paths."""
    folder = r"(?<![\w.~])/(?:home|Users|work|workspace|mnt)/\w"
    address = r"https?://\S*/(?:simple|packages)\b|\b(?:extra-)?index-url\s*=|\bfind-links\s*="
    traces = re.compile(f"{folder}|{address}")
    here = Path(__file__).resolve()
    found = {
        f"{named(path)}:{number}": match.group()
        for path in committed()
        if path.resolve() != here
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := traces.search(line))
    }
    assert found == {}


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-dev.txt"])
def test_what_is_installed_is_pinned_with_hashes_and_without_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    pinned = [block for block in blocks if "==" in block]
    assert len(pinned) > 20
    assert [block.split()[0] for block in pinned if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, flags=re.MULTILINE)


def test_the_pins_cover_every_stated_dependency() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    stated = {
        "constraints.txt": [*project["project"]["dependencies"], *groups["build"]],
        "constraints-dev.txt": [
            *project["project"]["dependencies"],
            *chain.from_iterable(groups.values()),
        ],
    }
    for name, requirements in stated.items():
        pinned = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / name).read_text(), re.MULTILINE))
        wanted = {re.split(r"[<>=\[;! ]", each)[0].lower() for each in requirements}
        assert wanted - pinned == set(), f"{name} is out of date: run `just pin`"


@pytest.mark.parametrize("name", ["try", "check", ".ci/run"])
def test_the_commands_of_the_readme_can_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    if not name.startswith("."):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        assert f"```sh\n./{name}\n```" in readme
        assert f"./{name}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_licence_is_the_one_that_is_named() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def links(path: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            yield unquote(target.split("#")[0])


@pytest.mark.parametrize(
    "path",
    [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))],
    ids=named,
)
def test_every_link_in_the_readmes_leads_somewhere(path: Path) -> None:
    """The pages under ``docs`` are checked by building them."""
    assert [link for link in links(path) if not (path.parent / link).exists()] == []


def test_the_data_way_is_told_in_words_too() -> None:
    picture = (ROOT / "docs" / "images" / "data-way.svg").read_text(encoding="utf-8")
    assert 'role="img"' in picture and "<title" in picture and "<desc" in picture
    assert "prefers-color-scheme: dark" in picture
    assert not re.search(r"(?:href|src|url)\s*[=(]\s*[\"']?https?:", picture)
