"""The commands of an assessment, from the first to the signature, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sites import FUEL, written
from typer.testing import CliRunner, Result
from weighers import CAREFUL, CONDITION, answers, closing_data, text_of

from equipoise.cli.main import app
from equipoise.errors import EquipoiseError

runner = CliRunner()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    made = runner.invoke(app, [
        "init", "--practice", "--site", str(folder), "--enrol", "council/Lena Marsh",
        "--role", "facilitator",
    ])  # fmt: skip
    assert made.exit_code == 0, made.output
    return folder


def assess(site: Path, *words: str, by: bool = False) -> Result:
    who = ["--as", "Lena Marsh"] if by else []
    return runner.invoke(app, ["assess", *words, *who, "--site", str(site)])


def said(result: Result) -> str:
    assert result.exception is None, result.exception
    return " ".join(result.output.split())


def test_from_the_draft_to_the_signature(site: Path, tmp_path: Path) -> None:
    source = written(tmp_path, FUEL)
    begun = said(assess(site, "start", "rebate", "--agreement", source, by=True))
    assert "Red line X1, from the text itself: pass." in begun
    assert "proportionate-6: {answer: , because: }" in said(assess(site, "sheet", "rebate"))
    for number, (rater, sector, changes) in enumerate(
        (("Ada Obi", "council", {}), ("Ben Roe", "voluntary", CAREFUL))
    ):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text_of(answers(rater, sector, 2 + 2 * number, **changes)), "utf-8")
        told = said(assess(site, "answer", "rebate", str(path), by=True))
    assert "Answers of 2 so far, each kept apart." in told
    shown = said(assess(site, "show", "rebate"))
    for words in ("2 to 4, middle 3", f"Condition: {CONDITION}", "People disagree:", "open"):
        assert words in shown, words
    closing = tmp_path / "closing.yaml"
    closing.write_text(text_of(closing_data()), encoding="utf-8")
    closed = said(assess(site, "close", "rebate", str(closing), by=True))
    assert "people were: with conditions" in closed and "sha256:" in closed
    assert "Hash to bind: sha256:" in said(assess(site, "show", "rebate"))
    bound = tmp_path / "bound.yaml"
    assert "equipoise check" in said(assess(site, "bind", "rebate", source, "--out", str(bound)))
    assert "AGR258" in said(assess(site, "compare", "rebate", str(bound)))
    text = bound.read_text(encoding="utf-8")
    asked = '      set by: "adviser (voluntary)"\n'
    bound.write_text(text.replace(asked, asked + "      answer: By letter, in May.\n"), "utf-8")
    assert said(assess(site, "compare", "rebate", str(bound))) == \
        "This is the text that was weighed."  # fmt: skip
    assert "## Step 7" in Path(
        json.loads(assess(site, "dpia", "rebate", "--out", str(tmp_path), "--json").output)[
            "files"
        ][0]
    ).read_text(encoding="utf-8")
    assert "Written:" in said(assess(site, "dpia", "rebate", "--out", str(tmp_path)))
    signed = runner.invoke(app, ["sign", str(bound), "--practice", "--site", str(site)])
    assert "signed" in said(signed)


def test_a_changed_draft_is_told_and_refused(site: Path, tmp_path: Path) -> None:
    source = written(tmp_path, FUEL)
    assess(site, "start", "rebate", "--agreement", source, by=True)
    for rater in ("Ada Obi", "Ben Roe"):
        path = tmp_path / "one.yaml"
        path.write_text(text_of(answers(rater, "council")), encoding="utf-8")
        assess(site, "answer", "rebate", str(path), by=True)
    closing = tmp_path / "closing.yaml"
    closing.write_text(text_of(closing_data(settled=[])), encoding="utf-8")
    assess(site, "close", "rebate", str(closing), by=True)
    text = assess(site, "bind", "rebate", source).output
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace("nature: supportive", "nature: punitive"), encoding="utf-8")
    told = said(assess(site, "compare", "rebate", str(changed)))
    for words in ("widens", "makes stale:", "To be answered anew by Ada Obi:", "AGR252", "AGR260"):
        assert words in told, words
    refused = runner.invoke(app, ["sign", str(changed), "--practice", "--site", str(site)])
    assert isinstance(refused.exception, EquipoiseError)
    assert [each.code for each in refused.exception.problems] == ["AGR252", "AGR260"]
    again = said(
        assess(site, "start", "again", "--agreement", str(changed), "--after", "rebate", by=True)
    )
    assert "To be answered anew by Ben Roe:" in again and "doubt:" in again


def test_everything_is_there_as_json(site: Path, tmp_path: Path) -> None:
    source = written(tmp_path, FUEL)

    def data(*words: str, by: bool = False) -> dict[str, object]:
        result = assess(site, *words, "--json", by=by)
        assert result.exception is None, result.exception
        found: dict[str, object] = json.loads(result.output)
        return found

    begun = data("start", "rebate", "--agreement", source, by=True)
    assert begun["red_lines"] == dict.fromkeys(("X1", "X2", "X4", "X5", "X6"), "pass")
    for number, rater in enumerate(("Ada Obi", "Ben Roe"), start=1):
        path = tmp_path / "one.yaml"
        path.write_text(text_of(answers(rater, "council")), encoding="utf-8")
        assert data("answer", "rebate", str(path), by=True)["raters"] == number
    assert data("show", "rebate")["digest"] is None
    closing = tmp_path / "closing.yaml"
    closing.write_text(text_of(closing_data(settled=[])), encoding="utf-8")
    digest = data("close", "rebate", str(closing), by=True)["digest"]
    assert data("show", "rebate")["digest"] == digest
    assert str(digest) in str(data("bind", "rebate", source)["text"])
    assert data("compare", "rebate", source)["same"] is True
    carried = data("start", "again", "--agreement", source, "--after", "rebate", by=True)
    assert carried["carried"] == ["Ada Obi", "Ben Roe"]
    assert data("set-aside", "again", "--because", "We forgot.", by=True)["state"] == "set aside"
    begun_again = said(
        assess(site, "start", "third", "--agreement", source, "--after", "rebate", by=True)
    )
    assert "Taken over: the answers of Ada Obi" in begun_again
    assert "set aside" in said(assess(site, "set-aside", "third", "--because", "So.", by=True))
