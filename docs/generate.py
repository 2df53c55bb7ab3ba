"""Write the reference pages that follow from the code, or check that they still do.

python docs/generate.py            write them
python docs/generate.py --check    say which of them are out of date, and fail
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "src" / "equipoise"
REFERENCE: Final = ROOT / "docs" / "reference"
NOTE: Final = "<!-- Written by docs/generate.py; change the code, then run `just docs`. -->\n"
CODE: Final = re.compile(r"[A-Z]{3,4}\d{3}")

ROOMS: Final[Mapping[str, str]] = {
    "AGR": "The agreement's text, signatures and states",
    "GATE": "The gate",
    "INT": "Intake",
    "ENC": "Encoding",
    "PAR": "Parcels",
    "LNK": "Linkage",
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
    "CIT": "The invented city",
}
"""What each prefix of a code belongs to, in the order of the page."""


def cell(text: str) -> str:
    """Return ``text`` fit for one cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell(part) for part in line) + " |" for line in lines) + "\n"


# -- errors -------------------------------------------------------------------------------------


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
            elif isinstance(key, ast.Constant) and is_code(value):
                yield value.value, ("", "", "")  # type: ignore[attr-defined]
    elif isinstance(node, ast.Tuple | ast.List) and node.elts and is_code(node.elts[0]):
        yield node.elts[0].value, sentences(node.elts[1:], {})  # type: ignore[attr-defined]


def problems() -> dict[str, list[tuple[str, str, str]]]:
    """Return each code in the source with the different sentences it is given with."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if is_code(node):
                found.setdefault(node.value, [])  # type: ignore[attr-defined]
            for code, said in beside(node):
                known = found.setdefault(code, [])
                if said[0] and said[0] not in {other[0] for other in known}:
                    known.append(said)
    return found


def exit_codes() -> str:
    """Return the table of exit codes, from the error tree."""
    from equipoise import errors

    classes = errors.EquipoiseError.__subclasses__()
    rows = ((str(kind.exit_code), kind.__name__, kind.__doc__ or "") for kind in classes)
    return table(("exit code", "class", "meaning"), iter([("0", "", "Done."), *rows]))


def errors_page() -> str:
    """Return the page of all codes."""
    page = [
        "# Errors and refusals\n",
        "Every refusal has a code that never changes its meaning, says what is wrong, why it "
        "matters and what to do, and tells all problems at once. No message holds a value from a "
        "row: a row is named by its number in its owner's file. `…` stands for what is filled in."
        "\n",
        "## Exit codes\n",
        exit_codes(),
    ]
    found = problems()
    for prefix, room in ROOMS.items():
        codes = sorted(code for code in found if code.rstrip("0123456789") == prefix)
        if codes:
            rows = ((f"`{code}`", *merged(found[code])) for code in codes)
            page += [f"## {room} ({prefix})\n", table(("code", "what", "why", "next"), rows)]
    return "\n".join(page)


def merged(said: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """Return one row for a code that is given in several wordings: each what, the fullest rest."""
    what = " · or: ".join(dict.fromkeys(each[0] for each in said))
    return (
        what,
        max((each[1] for each in said), key=len, default=""),
        max((each[2] for each in said), key=len, default=""),
    )


# -- the agreement's keys -----------------------------------------------------------------------


def kind_of(part: Mapping[str, Any]) -> str:
    """Return what a key may hold, in words, with links to the clauses it names."""
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if values := part.get("enum", [part["const"]] if "const" in part else []):
        return ", ".join(f"`{value}`" for value in values)
    for choice in ("anyOf", "oneOf"):
        if choice in part:
            kinds = [kind_of(each) for each in part[choice] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if part.get("type") == "array":
        return f"list of {kind_of(part.get('items', {}))}"
    if part.get("type") == "object":
        inner = part.get("additionalProperties") or next(
            iter(part.get("patternProperties", {}).values()), {}
        )
        return f"named {kind_of(inner)}" if inner else "named values"
    return {
        "string": "date" if part.get("format") == "date" else "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
    }.get(str(part.get("type")), "any")


def clause_table(clause: Mapping[str, Any]) -> str:
    """Return the keys of one clause."""
    needed = set(clause.get("required", ()))
    rows = (
        (
            f"`{name}`",
            "yes" if name in needed else "",
            kind_of(part),
            "" if part.get("default") in (None, "", [], {}) else f"`{part['default']}`",
            part.get("description", ""),
        )
        for name, part in clause.get("properties", {}).items()
    )
    return table(("key", "required", "holds", "unless given", "meaning"), rows)


def agreement_page(schema: Mapping[str, Any]) -> str:
    """Return the page of the agreement's keys."""
    page = [
        "# The agreement's keys\n",
        "Every key of the YAML text. The same as a JSON Schema for editors: "
        "[agreement.schema.json](agreement.schema.json). Unknown keys are refused.\n",
        "## Agreement\n",
        schema.get("description", "") + "\n",
        clause_table(schema),
    ]
    for name, clause in schema.get("$defs", {}).items():
        if clause.get("type") == "object" and "properties" in clause:
            page += [f"## {name}\n", clause.get("description", "") + "\n", clause_table(clause)]
        else:
            page += [f"## {name}\n", clause.get("description", "") + "\n", kind_of(clause) + "\n"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(page))


# -- the command line ---------------------------------------------------------------------------


def command_section(name: str, command: Any) -> list[str]:
    """Return one command: what it does, its arguments and its options."""
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## {name}\n" if name != "equipoise" else "## For every command\n"]
    lines.append((command.help or "").replace("\b", "").strip() + "\n")
    lines.append(f"```text\n{'' if name == 'equipoise' else 'equipoise '}{name} {usage}\n```\n")
    rows = [
        (
            f"`{part.make_metavar(context)}`"
            if part.param_type_name == "argument"
            else ", ".join(f"`{option}`" for option in [*part.opts, *part.secondary_opts]),
            getattr(part, "help", "") or "",
        )
        for part in command.params
        if part.name != "help" and not getattr(part, "hidden", False)
    ]
    return [*lines, table(("name", "meaning"), iter(rows))] if rows else lines


def command_page() -> str:
    """Return the page of the command line, from the commands themselves."""
    from equipoise.cli.main import app
    from typer.main import get_command

    group: Any = get_command(app)
    page = [
        "# Command line\n",
        "Every command takes `--help`. What the exit codes mean stands under "
        "[Errors and refusals](errors.md#exit-codes).\n",
        *command_section("equipoise", group),
    ]
    for name, command in group.commands.items():
        if not command.hidden:
            page += command_section(name, command)
    return "\n".join(page)


# -- states and locks ---------------------------------------------------------------------------


def states_page() -> str:
    """Return the page of both state tables."""
    from equipoise.agree import states

    page = [
        "# States\n",
        "Which act leads from which state to which. Whatever is not in a table is refused. "
        "*In force* and *expired* are no states: the gate computes them from the dates.\n",
    ]
    for title, moves in (("An agreement version", states.AGREEMENT), ("A run", states.RUN)):
        rows = ((state, act, after) for state, acts in moves.items() for act, after in acts.items())
        page += [f"## {title}\n", table(("state", "act", "then"), rows)]
        page += [f"```mermaid\n{states.diagram(moves).strip()}\n```\n"]
    return "\n".join(page)


def locks_page() -> str:
    """Return the table of the locks, from the gate."""
    from equipoise.gate.locks import ALWAYS, LOCKS

    rows = ((name, "yes" if name in ALWAYS else "", what) for name, what in LOCKS.items())
    return "\n".join(
        [
            "# Locks of a run\n",
            "What may hold the process in which a use or a linkage runs. Without those marked "
            "*always*, nothing runs on any platform. Why each is there and what happens when one "
            "is missing stands under [What is locked where](../explanation/locks.md).\n",
            table(("lock", "always", "what it does, and where it may be had"), rows),
        ]
    )


# -- all of them --------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Return every generated file of the reference, by name."""
    from equipoise.agree.schema import json_schema

    schema = json_schema()
    written = {
        "agreement.md": agreement_page(schema),
        "states.md": states_page(),
        "errors.md": errors_page(),
        "command-line.md": command_page(),
        "locks.md": locks_page(),
    }
    marked = {name: f"{NOTE}\n{text.rstrip()}\n" for name, text in written.items()}
    return {
        **marked,
        "agreement.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
    }


def stale() -> tuple[str, ...]:
    """Return the names of the files that no longer follow from the code."""
    return tuple(
        name
        for name, text in pages().items()
        if not (REFERENCE / name).is_file()
        or (REFERENCE / name).read_text(encoding="utf-8") != text
    )


def main() -> int:
    """Write the pages, or check them; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when out of date")
    if parser.parse_args().check:
        names = stale()
        for name in names:
            print(f"docs/reference/{name} does not follow from the code any more: run `just docs`")
        return 1 if names else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
