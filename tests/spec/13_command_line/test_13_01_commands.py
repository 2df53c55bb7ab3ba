"""The command line says what it can do, ends with the code of what happened, and never breaks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sites import REBATE, ROOT, Stages, command, the_run, written
from typer.testing import CliRunner

from equipoise.acts.site import Site
from equipoise.cli import main, show
from equipoise.errors import EquipoiseError

COMMANDS = (
    "check", "summary", "compare", "sign", "pack", "receive", "link", "run", "review", "release",
    "erase", "status", "ledger", "verify", "register", "init", "city", "demo", "suspend", "resume",
    "end", "rekey",
)  # fmt: skip
GROUPS = {
    "partner": ("card", "add", "list"),
    "agreement": ("export", "import"),
    "secret": ("make", "send", "take", "show"),
}
RUNNER = CliRunner(env={"COLUMNS": "100", "TERM": "dumb"})
EXAMPLE = ROOT / "examples" / "fuel-poverty"


@pytest.fixture(autouse=True)
def fresh_consoles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the printed words reach the runner: it swaps the streams after they were opened."""
    from rich.console import Console

    monkeypatch.setattr(show, "out", Console(highlight=False, soft_wrap=True))
    monkeypatch.setattr(show, "err", Console(stderr=True, highlight=False, soft_wrap=True))
    yield


def give(*words: object) -> Any:
    return RUNNER.invoke(main.app, [str(word) for word in words])


def done(*words: object) -> str:
    result = give(*words)
    assert result.exit_code == 0, (words, result.output, result.exception)
    return str(result.stdout)


def refused(*words: object) -> EquipoiseError:
    error = give(*words).exception
    assert isinstance(error, EquipoiseError), error
    return error


def codes(*words: object) -> list[str]:
    return [problem.code for problem in refused(*words).problems]


# -- help ----------------------------------------------------------------------------------------


def test_help_names_every_command() -> None:
    said = done("--help")
    assert [name for name in COMMANDS if name not in said] == []
    assert "equipoise demo" in said and "Exit codes" in said
    assert done("--version").startswith("equipoise ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_takes(name: str) -> None:
    said = done(name, "--help")
    first = said.split("\n\n")[1].strip()
    assert len(first) > 30 and first.endswith("."), first
    if name not in ("summary",):
        assert "--" in said.replace("--help", "")
    for line in said.splitlines():
        if line.strip().startswith("--") and "--help" not in line:
            assert len(line.split("  ")) > 1, line


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_commands_says_what_it_is_for(group: str) -> None:
    said = done(group, "--help")
    assert [name for name in GROUPS[group] if name not in said] == []
    assert len(said.split("\n\n")[1].strip()) > 30
    for name in GROUPS[group]:
        told = done(group, name, "--help")
        assert "--site" in told and told.split("\n\n")[1].strip().endswith("."), told


def test_the_shell_completes_commands() -> None:
    shell = {**os.environ, "_EQUIPOISE_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    result = RUNNER.invoke(
        main.app, [], prog_name="equipoise", env={**shell, "COMP_WORDS": "equipoise re"}
    )
    assert {"receive", "review", "release", "register"} <= set(result.stdout.split())


# -- texts ---------------------------------------------------------------------------------------


def test_check_tells_that_a_text_is_sound() -> None:
    assert f"{REBATE} is sound." in done("check", EXAMPLE)
    said = json.loads(done("check", EXAMPLE / "agreement.yaml", "--json"))
    assert said["agreement"] == REBATE and said["digest"].startswith("sha256:")


def test_check_tells_every_problem_at_once(tmp_path: Path) -> None:
    bad = written(
        tmp_path,
        change=lambda t: (
            t.replace("version: 1", "version: one")
            .replace("sector: public", "sector: pubic", 1)
            .replace("ends: 2099", "ends: 2019")
        ),
    )
    error = refused("check", bad)
    assert error.exit_code == 3 and len(error.problems) >= 3
    assert all(problem.line for problem in error.problems)


def test_summary_and_compare_speak_plainly(tmp_path: Path) -> None:
    assert "Automatic energy rebates" in done("summary", EXAMPLE)
    assert "say the same" in done("compare", EXAMPLE, EXAMPLE)
    wider = written(
        tmp_path, change=lambda t: t.replace("version: 1\n", "version: 2\n")
        .replace("min count: 10", "min count: 5"),
    )  # fmt: skip
    said = json.loads(done("compare", EXAMPLE, wider, "--json"))
    assert "widens" in {each["weight"] for each in said}
    assert "WIDENS" in done("compare", EXAMPLE, wider)


# -- a site --------------------------------------------------------------------------------------


def test_every_look_at_a_site_can_be_had_as_json(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released")
    at = ("--site", site.directory)
    run = the_run(site)
    export = tmp_path / "ledger.jsonl"
    looks: tuple[tuple[object, ...], ...] = (
        ("status",), ("ledger",), ("ledger", "--export", export), ("register",), ("review", run),
        ("erase", REBATE), ("erase", REBATE),
    )  # fmt: skip
    for words in looks:
        assert json.loads(done(*words, *at, "--json")) is not None, words
        assert done(*words, *at).strip(), words
    key = site.custody.site_key()
    assert json.loads(done("verify", export, "--key", key, "--json"))["entries"] > 100
    assert "holds." in done("verify", export)
    (receipt,) = (site.folder("reports") / REBATE).glob("receipt-*.json")
    assert json.loads(done("verify", receipt, "--key", key, "--json"))["reference"] == REBATE
    assert "The receipt holds." in done("verify", receipt)
    (package,) = site.folder("outbox").glob("brightgas/*")
    opened = tmp_path / "opened"
    words = ("receive", package, "--party", "brightgas", "--out", opened, *at)
    assert [*map(Path, json.loads(done(*words, "--json")))]
    assert "signed by the secure room" in done(*words)


def test_status_says_what_waits_for_whom(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    said = done("status", "--site", site.directory)
    assert "waits for somebody of hmrc and somebody of rebate-team" in said
    assert "Amara Osei (hmrc): controller, checker" in said
    assert "practice site" in said


def test_packing_and_receiving_by_hand(site_at: Callable[..., Site], stages: Stages) -> None:
    site = site_at("signed")
    at = ("--site", site.directory)
    words = ("pack", REBATE, "properties", "--data", stages.data, *at)
    assert "Parcel:" in done(*words)
    packed = json.loads(done(*words, "--json"))
    said = done("receive", packed["parcels"][0], REBATE, *at)
    assert "rows of properties are held, sealed" in said
    got = json.loads(done("receive", packed["parcels"][1], REBATE, *at, "--json"))
    assert got["room"] == "secure-room"
    assert codes("link", REBATE, *at) == ["ACT040"]
    assert codes("pack", REBATE, "properties", *at) == ["CLI010"]
    assert codes("receive", packed["parcels"][0], *at) == ["CLI011"]


def test_reviewing_and_releasing_by_hand(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    at, run = ("--site", site.directory), the_run(site)
    why = ("--reason", "Looked at every count.")
    assert f"Run {run}: in review" in done("review", run, *at)
    assert codes("review", run, "--approve", *why, *at) == ["CLI012"]
    assert codes("review", run, "--approve", "--as", "Nobody", *why, *at) == ["ACT002"]
    said = done("review", run, "--as", "Amara Osei", "--approve", *why, *at)
    assert "Waits for somebody of rebate-team" in said
    said = done("review", run, "--as", "rebate-team/Grace Adeyemi", "--approve", *why, *at)
    assert f"equipoise release {run}" in said
    assert "To brightgas:" in done("release", run, *at)
    assert codes("release", run, *at) == ["ACT063"]


def test_a_site_is_made_and_people_enrolled(tmp_path: Path) -> None:
    at = ("--site", tmp_path / "site")
    roles = ("--role", "controller", "--role", "checker")
    said = json.loads(done("init", "--enrol", "hmrc/Amara Osei", *roles, *at, "--json"))
    assert said["enrolled"] == ["hmrc/Amara Osei"] and len(said["key"]) == 64
    assert "Enrolled: Bernard Lyle (voa), no role" in done(
        "init", "--enrol", "voa/Bernard Lyle", *at
    )
    assert codes("init", *at) == ["ACT004"]
    assert codes("init", "--enrol", "Bernard Lyle", *at) == ["CLI030"]
    assert codes("init", "--enrol", "voa/Bernard Lyle", *at) == ["STO012"]
    assert codes("sign", EXAMPLE, "--practice", *at) == ["ACT012"]
    said = done("sign", EXAMPLE, "--as", "Amara Osei", *at)
    assert "Still to sign: Bernard Lyle (voa)" in said
    signed = json.loads(done("sign", EXAMPLE, "--as", "Bernard Lyle", *at, "--json"))
    assert len(signed["missing"]) == 5


def test_a_city_is_written(tmp_path: Path) -> None:
    said = json.loads(done("city", tmp_path / "a", "--people", 1000, "--json"))
    assert Path(said["tax_credits"]["file"]).is_file()
    assert "An invented city of 1,000 people" in done("city", tmp_path / "b", "--people", 1000)


# -- refusals ------------------------------------------------------------------------------------


def bad_things(folder: Path) -> dict[str, Path]:
    (folder / "garbage").write_bytes(bytes(range(256)) * 20)
    (folder / "empty").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "latin.yaml").write_bytes("agreement: caf\xe9\n".encode("latin-1"))
    names = ("garbage", "empty", "folder", "latin.yaml", "nowhere")
    return {name: folder / name for name in names}


def test_nothing_that_is_given_makes_a_command_break(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    """Garbage, empty files, folders in place of files, and names of nothing: each is refused."""
    site = site_at("signed")
    at = ("--site", site.directory)
    for name, thing in bad_things(tmp_path).items():
        for words in (
            ("check", thing), ("summary", thing), ("compare", thing, EXAMPLE),
            ("sign", thing, "--as", "Amara Osei", *at), ("run", thing, *at),
            ("link", thing, *at), ("erase", thing, *at), ("verify", thing),
            ("pack", REBATE, "tax_credits", "--data", thing, *at),
            ("receive", thing, REBATE, *at), ("receive", thing, "--party", "brightgas", *at),
            ("review", thing, *at), ("release", thing, *at), ("status", "--site", thing),
        ):  # fmt: skip
            result = give(*words)
            if result.exit_code == 2 and not isinstance(result.exception, EquipoiseError):
                assert "Usage" in result.stderr, (name, words)
                continue
            assert isinstance(result.exception, EquipoiseError), (name, words, result.exception)
            assert 2 <= result.exception.exit_code <= 9
            assert all(problem.what for problem in result.exception.problems)


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"id": 1}', "[" * 5000])
def test_a_file_that_is_no_receipt_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(text + "\n")
    assert refused("verify", path).exit_code == 7


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check",), 2),
        (("check", "{bad}"), 3),
        pytest.param(
            ("run", "{example}", "--data", ".", "--site", "{signed}", "--use", "nothing"),
            2,
            marks=pytest.mark.slow,
        ),
        (("release", "{run}", "--site", "{review}"), 4),
        pytest.param(
            ("pack", REBATE, "tax_credits", "--data", "{bad}", "--site", "{signed}"),
            5,
            marks=pytest.mark.slow,
        ),
        (("verify", "{bad}"), 7),
        pytest.param(("link", REBATE, "--site", "{signed}"), 8, marks=pytest.mark.slow),
        (("status", "--site", "{nowhere}"), 9),
    ],
)
@pytest.mark.parametrize(
    "as_json",
    [pytest.param(False, id="words"), pytest.param(True, id="json", marks=pytest.mark.slow)],
)
def test_the_exit_code_tells_the_kind_of_refusal(
    site_at: Callable[..., Site], tmp_path: Path, words: tuple[str, ...], code: int, as_json: bool
) -> None:
    review = site_at("in review", "review")
    signed = site_at("signed", "signed")
    (tmp_path / "bad").write_text("agreement: x\nversion: y\n")
    filled = [
        word.format(
            bad=tmp_path / "bad", example=EXAMPLE, signed=signed.directory, run=the_run(review),
            review=review.directory, nowhere=tmp_path / "nowhere",
        )
        for word in words
    ]  # fmt: skip
    result = command(*filled, *(["--json"] if as_json else []))
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    if as_json:
        said = json.loads(result.stdout)
        assert said["exit_code"] == code and said["problems"]
        assert all(problem["code"] and problem["what"] for problem in said["problems"])
    else:
        assert result.stdout == "" and ("Refused" in result.stderr or "Usage" in result.stderr)


def test_a_fault_of_the_program_shows_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        raise ValueError("could not convert 'Harriet Vane, 12 March 1970'")
    except ValueError as error:
        told = main.fault(error)
    assert told.exit_code == 1 and told.problems[0].code == "CLI099"
    assert "Vane" not in str(told) and "ValueError" in str(told)


def test_a_full_disk_and_a_forbidden_file_are_told_apart() -> None:
    assert (
        main.from_the_machine(OSError(28, "No space left on device")).problems[0].code == "CLI001"
    )
    assert main.from_the_machine(PermissionError(13, "Permission denied")).problems[0].code == (
        "CLI002"
    )


@pytest.mark.slow
def test_a_broken_pipe_stops_the_telling_and_not_the_work(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    """``equipoise run … | head -1`` still carries the run to its end."""
    import subprocess
    import sys

    from sites import environment

    site = site_at("approved")
    words = ["run", stages.source, "--practice", "--site", str(site.directory)]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", "from equipoise.cli.main import run; run()", *words],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(120) == 0, errors
    assert site.store.run(the_run(site)).state == "released"
