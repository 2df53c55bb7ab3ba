"""Write the reference pages that follow from the code, or check that they still do.

python docs/generate.py            write them
python docs/generate.py --check    say which of them are out of date, and fail
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from problems import ROOMS, merged, problems

ROOT: Final = Path(__file__).resolve().parent.parent
REFERENCE: Final = ROOT / "docs" / "reference"
NOTE: Final = "<!-- Written by docs/generate.py; change the code, then run `just docs`. -->\n"


def cell(text: str) -> str:
    """Return ``text`` fit for one cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell(part) for part in line) + " |" for line in lines) + "\n"


# -- errors -------------------------------------------------------------------------------------


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
    page.append(
        "The problems of an agreement's own text (AGR) stand on [a page of their own]"
        "(agreement-problems.md).\n"
    )
    found = problems()
    for prefix, room in ROOMS.items():
        codes = sorted(code for code in found if code.rstrip("0123456789") == prefix)
        if codes and prefix != "AGR":
            rows = ((f"`{code}`", *merged(found[code])) for code in codes)
            page += [f"## {room} ({prefix})\n", table(("code", "what", "why", "next"), rows)]
    return "\n".join(page)


# -- the agreement's keys -----------------------------------------------------------------------


FORMS: Final[Mapping[str, str]] = {
    r"^[a-z][a-z0-9_-]{0,62}$": "id",
    r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$": "`dataset.field`",
    r"^sha256:[0-9a-f]{64}$": "`sha256:` and 64 digits",
    r"^https?://\S+$": "web address",
    r"^at least [1-9]$": "`at least 2` (or another digit)",
}
"""What texts of a fixed form are called on the page."""


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
    kind = str(part.get("type"))
    if kind in {"array", "object"}:
        return several(part)
    if kind == "string":
        return (
            "date" if part.get("format") == "date" else FORMS.get(part.get("pattern", ""), "text")
        )
    return {"integer": "whole number", "boolean": "true or false"}.get(kind, "number")


def several(part: Mapping[str, Any]) -> str:
    """Return what a list or a set of named values holds."""
    if fixed := part.get("prefixItems"):
        return f"list of {len(fixed)}: {kind_of(fixed[0])}"
    if part["type"] == "array":
        return f"list of {kind_of(part.get('items', {}))}"
    patterns = iter(part.get("patternProperties", {}).values())
    return f"named: {kind_of(part.get('additionalProperties') or next(patterns))}"


def unless_given(part: Mapping[str, Any]) -> str:
    """Return what holds when a key is not written."""
    default = part.get("default")
    return f"`{json.dumps(default).strip(chr(34))}`" if default and default != {} else ""


def clause_table(clause: Mapping[str, Any]) -> str:
    """Return the keys of one clause."""
    needed = set(clause.get("required", ()))
    rows = [
        (
            f"`{name}`",
            "yes" if name in needed else "",
            kind_of(part),
            "" if isinstance(part.get("default"), dict) else unless_given(part),
            part.get("description", ""),
        )
        for name, part in clause.get("properties", {}).items()
    ]
    told = 5 if any(row[4] for row in rows) else 4
    heads = ("key", "required", "holds", "unless given", "meaning")
    return table(heads[:told], iter([row[:told] for row in rows]))


def in_order(schema: Mapping[str, Any]) -> list[str]:
    """Return the clauses in the order in which a reader of the agreement meets them."""
    met: list[str] = []
    waiting = [json.dumps(schema["properties"])]
    while waiting:
        for name in re.findall(r"#/\$defs/(\w+)", waiting.pop(0)):
            if name not in met:
                met.append(name)
                waiting.append(json.dumps(schema["$defs"][name]))
    return met


def agreement_page(schema: Mapping[str, Any]) -> str:
    """Return the page of the agreement's keys."""
    page = [
        "# The agreement's keys\n",
        "Every key of the YAML text. The same as a JSON Schema for editors: "
        "[agreement.schema.json](agreement.schema.json). Unknown keys are refused. *Named* means "
        "that each part bears a name of your choice, by which other clauses refer to it.\n",
        "## Agreement\n",
        schema.get("description", "") + "\n",
        clause_table(schema),
    ]
    for name in in_order(schema):
        clause = schema["$defs"][name]
        holds = clause_table(clause) if "properties" in clause else kind_of(clause) + "\n"
        page += [f"## {name}\n", clause.get("description", "") + "\n", holds]
    return re.sub(r"\n{3,}", "\n\n", "\n".join([*page, *words_section()]))


def words_section() -> list[str]:
    """Return what each type of field allows: parts for linkage rules, blurring, and known names."""
    from equipoise.agree import words

    known: dict[str, list[str]] = {}
    for name, kind in words.FIELD_TYPE_BY_NAME.items():
        known.setdefault(kind, []).append(f"`{name}`")
    kinds = dict.fromkeys([*known, *words.TRANSFORMS, *words.COARSENINGS])
    rows = (
        (
            kind,
            ", ".join(known.get(kind, [])),
            ", ".join(f"`{part}`" for part in words.TRANSFORMS.get(kind, ())),
            ", ".join(f"`{way}`" for way in words.COARSENINGS.get(kind, ())),
        )
        for kind in kinds
    )
    heads = ("type", "names that imply it", "parts for rules, as `field:part`", "`coarsen` to")
    return ["\n## What a type allows\n", table(heads, rows)]


# -- the command line ---------------------------------------------------------------------------


def named(part: Any) -> str:
    """Return how an argument or option is written."""
    if part.param_type_name == "argument":
        return f"`{part.metavar or (part.name or '').upper()}`"
    return ", ".join(f"`{option}`" for option in [*part.opts, *part.secondary_opts])


def command_section(name: str, command: Any) -> list[str]:
    """Return one command: what it does, its arguments and its options."""
    options = [part for part in command.params if part.param_type_name == "option"]
    arguments = [part for part in command.params if part.param_type_name == "argument"]
    written = [
        named(part).strip("`") if part.required else f"[{named(part).strip('`')}]"
        for part in arguments
    ]
    usage = " ".join(["equipoise", name, *written, *(["[OPTIONS]"] if options else [])])
    lines = [f"## {name}\n", (command.help or "").replace("\b", "").strip() + "\n"]
    lines.append(f"```text\n{usage}\n```\n")
    rows = [
        (
            named(part) + (" (required)" if part.required and part in options else ""),
            getattr(part, "help", "") or "",
            plain_default(part),
        )
        for part in [*arguments, *options]
        if part.name != "help" and not getattr(part, "hidden", False)
    ]
    return [*lines, table(("name", "meaning", "unless given"), iter(rows))] if rows else lines


def plain_default(part: Any) -> str:
    """Return what an option is when it is not given, where that says something."""
    default = part.default
    plain = isinstance(default, str | int | float | Path) and not isinstance(default, bool)
    return f"`{default}`" if plain and default != "" else ""


def command_page() -> str:
    """Return the page of the command line, from the commands themselves."""
    from typer.main import get_command

    from equipoise.cli.main import app

    group: Any = get_command(app)
    page = [
        "# Command line\n",
        "Every command takes `--help`. What the exit codes mean stands under "
        "[Errors and refusals](errors.md#exit-codes).\n",
        f"```text\n{(group.help or '').strip()}\n```\n",
    ]
    for name, command in group.commands.items():
        if command.hidden:
            continue
        page += command_section(name, command)
        for part, below in getattr(command, "commands", {}).items():
            page += command_section(f"{name} {part}", below)
    return "\n".join(page)


# -- acts and locks -----------------------------------------------------------------------------


def locks_page() -> str:
    """Return the table of the locks, from the gate."""
    from equipoise.gate.promises import ALWAYS, LOCKS

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


def acts_page() -> str:
    """Return the table of acts and what the gate checks for each."""
    from equipoise.gate.deeds import CLAUSE, DEEDS, IN_FORCE, PROHIBITED

    by = {"party role": "", "use": "whom the use names", "checker": "whom the output rule names"}
    rows = (
        (
            f"`{act}`",
            ", ".join(deed.roles) or "any",
            by[deed.by],
            deed.data + (", all at once" if deed.whole else ""),
            ", ".join(stage for stage in deed.stages if stage not in (*IN_FORCE, *CLAUSE)),
            "yes" if set(IN_FORCE) <= set(deed.stages) else "no",
        )
        for act, deed in DEEDS.items()
    )
    heads = ("act", "party's role", "person", "on what", "further checks", "only while in force")
    forbidden = (
        (f"`{name}`", ", ".join(rule.acts), ", ".join(rule.words))
        for name, rule in PROHIBITED.items()
    )
    return "\n".join(
        [
            "# What the gate asks\n",
            "An act that is not here is refused. *In force* means, in this order: "
            f"{', '.join(IN_FORCE)}. Then the clause must permit: {', '.join(CLAUSE)}. Then come "
            "the further checks of the act. A denial tells every reason, in this order.\n",
            table(heads, rows),
            "## Prohibitions\n",
            "What each refuses by name, even where another clause seems to permit it.\n",
            table(("prohibition", "acts", "words in a purpose"), forbidden),
        ]
    )


# -- all of them --------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Return every generated file of the reference, by name."""
    from equipoise.agree import catalogue, states
    from equipoise.agree.schema import json_schema

    schema = json_schema()
    written = {
        "agreement.md": agreement_page(schema),
        "errors.md": errors_page(),
        "command-line.md": command_page(),
        "acts.md": acts_page(),
        "locks.md": locks_page(),
    }
    marked = {name: f"{NOTE}\n{text.rstrip()}\n" for name, text in written.items()}
    return {
        **marked,
        "states.md": states.page(),
        "agreement-problems.md": catalogue.page(),
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
