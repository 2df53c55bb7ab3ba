"""What editors and readers are given is generated, true, and up to date."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from agreement_texts import EVERY, ROOT, TEXTS

from equipoise.agree import catalogue
from equipoise.agree.schema import json_schema

jsonschema = pytest.importorskip("jsonschema", reason="the dev group has it")
REFERENCE = ROOT / "docs/reference"


def read_as_an_editor(text: str) -> dict[str, object]:
    """YAML 1.2 as editors read it: a date is text, and only true and false are yes and no."""

    class Editor(yaml.SafeLoader):
        pass

    Editor.yaml_implicit_resolvers = {
        letter: [(tag, form) for tag, form in pairs if not tag.endswith((":timestamp", ":bool"))]
        for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for letter in "tf":
        Editor.add_implicit_resolver("tag:yaml.org,2002:bool", _YES_NO, [letter])
    return yaml.load(text, Editor)


_YES_NO = re.compile("^(true|false)$")


def test_the_published_schema_has_not_drifted() -> None:
    published = json.loads((REFERENCE / "agreement.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(), "run `just docs`"


def test_the_published_problems_have_not_drifted() -> None:
    published = (REFERENCE / "agreement-problems.md").read_text(encoding="utf-8")
    assert published == catalogue.page(), "run `just docs`"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_sound_texts_satisfy_the_schema(text: str) -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(read_as_an_editor(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("statement: Find", "statment: Find"),
        ("sector: health", "sector: heath"),
        ("min count: 12", "min count: 0"),
        ("use: flag", "use: flog"),
        ("tenants.score >= 60", "score over 60"),
        ("visits: {days: 30}", "visits: delete after uses"),
        ("starts: 2027-01-01", "starts: 5"),
    ],
)
def test_an_editor_marks_what_is_wrong_in_one_clause(old: str, new: str) -> None:
    wrong = read_as_an_editor(EVERY.replace(old, new))
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(wrong)


def test_the_schema_tells_what_every_first_key_is_for() -> None:
    for key, clause in json_schema()["properties"].items():
        assert clause.get("description"), key


def test_every_problem_says_what_why_and_what_to_do() -> None:
    for code, wording in catalogue.CATALOGUE.items():
        assert code.startswith("AGR")
        assert all(sentence.strip() for sentence in wording)
