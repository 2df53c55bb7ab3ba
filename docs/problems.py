"""Collect every problem code of the source with the sentences that stand beside it."""

from __future__ import annotations

import ast
import copy
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parent.parent / "src" / "equipoise"
CODE: Final = re.compile(r"[A-Z]{3,4}\d{3}")

ROOMS: Final[Mapping[str, str]] = {
    "AGR": "The agreement's text, signatures and states",
    "WGH": "Weighing",
    "GATE": "The gate",
    "INT": "Intake",
    "ENC": "Encoding",
    "PAR": "Parcels",
    "LNK": "Linkage",
    "IDR": "Identity registers",
    "USE": "Uses",
    "DIS": "Disclosure",
    "PKG": "Release packages",
    "KEY": "Keys",
    "HLD": "Holdings",
    "ENG": "The engine",
    "LED": "Ledger and receipts",
    "VER": "Verifying an export",
    "REG": "The public register",
    "STO": "State and database",
    "ACT": "Acts",
    "CLI": "The command line",
    "WEB": "The web application",
    "CIT": "The invented city",
}
"""What each prefix of a code belongs to, in the order of the page."""


def words(node: ast.AST) -> str | None:
    """Return the text of a string in the source; what is filled in at run time becomes ``…``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w[^{}]*\}", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join((words(part) or "…") for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (words(node.left) or "…") + (words(node.right) or "…")
    return None


def is_code(node: ast.AST | None) -> bool:
    """Tell whether a node is a problem's code."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value) is not None
    )


def sentences(nodes: list[ast.expr], named: Mapping[str | None, ast.expr]) -> tuple[str, str, str]:
    """Return what, why and next of a problem, from the strings that stand beside its code."""
    said = [text for node in nodes if (text := words(node)) is not None]
    parts = [*said, "", "", ""][:3]
    for place, name in enumerate(("what", "why", "next")):
        if name in named:
            parts[place] = words(named[name]) or parts[place]
    return parts[0], parts[1], parts[2]


class Named(ast.NodeTransformer):
    """Puts a text that a function first names in the place where it then uses the name."""

    def __init__(self, function: ast.AST) -> None:
        self.texts: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.name(node.targets[0].id, node.value)

    def name(self, name: str, value: ast.expr) -> None:
        """Note one text; a second one under the same name becomes the other way it may go."""
        if words(value) is None and not isinstance(value, ast.IfExp):
            return
        known = self.texts.get(name)
        self.texts[name] = value if known is None else ast.IfExp(ast.Constant(True), known, value)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name that stands for a text."""
        return self.texts.get(node.id, node)


class Way(ast.NodeTransformer):
    """Takes one of the two ways of each ``a if … else b``."""

    def __init__(self, first: bool) -> None:
        self.first = first

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Return the chosen way."""
        return self.visit(node.body if self.first else node.orelse)  # type: ignore[no-any-return]


def states_a_code(call: ast.Call) -> bool:
    """Tell whether a call gives a code, or one of two."""
    given = [*call.args, *(word.value for word in call.keywords)]
    ways = [
        way for each in given if isinstance(each, ast.IfExp) for way in (each.body, each.orelse)
    ]
    return any(map(is_code, [*given, *ways]))


def calls(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node; a call that gives a code both ways, with the texts that it names put in."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            stating = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and states_a_code(node)
            ]
            named = Named(function) if stating else None
            for node in stating:
                filled = named.visit(copy.deepcopy(node)) if named else node
                yield Way(True).visit(copy.deepcopy(filled))
                yield Way(False).visit(filled)
    yield from ast.walk(tree)


def beside(node: ast.AST) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the codes that this node itself states, with their sentences."""
    if isinstance(node, ast.Call):
        named = {word.arg: word.value for word in node.keywords}
        codes = [argument for argument in [*node.args, *named.values()] if is_code(argument)]
        others = [argument for argument in node.args if not is_code(argument)]
        for code in codes:
            yield code.value, sentences(others, named)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if is_code(key):
                nested = list(getattr(value, "elts", None) or getattr(value, "args", [value]))
                named = {word.arg: word.value for word in getattr(value, "keywords", [])}
                yield key.value, sentences(nested, named)  # type: ignore[union-attr]
    elif isinstance(node, ast.Tuple | ast.List):
        for place, part in enumerate(node.elts):
            if is_code(part):
                yield part.value, sentences(node.elts[place + 1 :], {})  # type: ignore[attr-defined]


@functools.cache
def problems() -> dict[str, list[tuple[str, str, str]]]:
    """Return each code in the source with the different sentences it is given with."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in calls(ast.parse(path.read_text(encoding="utf-8"))):
            if is_code(node):
                found.setdefault(node.value, [])  # type: ignore[attr-defined]
            for code, said in beside(node):
                known = found.setdefault(code, [])
                if said[0] and said[0] not in {other[0] for other in known}:
                    known.append(said)
    return found


def merged(said: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """Return one row for a code that is given in several wordings: each what, the fullest rest."""
    what = " · or: ".join(dict.fromkeys(each[0] for each in said))
    return (
        what,
        max((each[1] for each in said), key=len, default=""),
        max((each[2] for each in said), key=len, default=""),
    )
