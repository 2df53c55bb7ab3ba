"""The server itself: where it listens, what it refuses to do, how it stops; and people let in by
command."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from typer.testing import CliRunner
from visiting import Place, Visitor, made, served

from equipoise.cli.main import app
from equipoise.errors import EnvironmentFailed, UsageRefused
from equipoise.web.application import is_loopback
from equipoise.web.serve import Serving, refuse_taken, refuse_unfit

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "equipoise.cli.main", *words]


def test_a_server_answers_many_at_once_and_stops_when_told(tmp_path: Path) -> None:
    made(tmp_path, practice=True)
    port = free_port()
    server = subprocess.Popen(
        command("serve", "--site", str(tmp_path / "site"), "--port", str(port)),
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None and server.stderr is not None
    try:
        assert server.stdout.readline() == (
            f"The site is at http://127.0.0.1:{port}/ - press Ctrl-C to stop.\n"
        )

        def ask(_: int) -> tuple[int, bytes]:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
                return answer.status, answer.read()

        with ThreadPoolExecutor(16) as people:
            assert set(people.map(ask, range(64))) == {(200, b"well\n")}
        with pytest.raises(HTTPError, match="400"):
            urlopen(Request(f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"}))
        with urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=60) as page:
            assert b"Step into the part" in page.read()
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0
    assert server.stderr.read() == ""


def test_it_listens_to_this_machine_alone_unless_told() -> None:
    assert is_loopback(Serving(Path()).host)
    assert is_loopback("::1") and is_loopback("localhost")
    assert not is_loopback("192.168.1.20") and not is_loopback("data.example.org")
    assert Serving(Path(), host="::1").address == "http://[::1]:8000/"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"host": "0.0.0.0"}, "WEB010"),
        ({"host": "::"}, "WEB010"),
        ({"port": 0}, "WEB011"),
        ({"workers": 0}, "WEB011"),
        ({"threads": 1000}, "WEB011"),
    ],
)
def test_what_cannot_be_served_is_refused(how: dict[str, object], code: str) -> None:
    with pytest.raises(UsageRefused, match=code):
        refuse_unfit(Serving(Path(), **how))  # type: ignore[arg-type]
    refuse_unfit(Serving(Path(), host="0.0.0.0", names=("data.example.org",)))


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(EnvironmentFailed, match="WEB012"):
            refuse_taken(Serving(Path(), port=other.getsockname()[1]))


def test_behind_a_proxy_its_last_word_on_the_address_counts(tmp_path: Path) -> None:
    for place in served(made(tmp_path, practice=False), proxied=True):
        for number in range(7):
            visitor = place.visitor()
            visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"1.1.1.1, 10.9.9.{number}"
            assert guess(visitor) == 422
        for _ in range(5):
            status = guess(visitor)
        assert status == 429


def guess(visitor: Visitor) -> int:
    return visitor.send("/sign-in", sign_in="nobody", password="wrong").status_code


def test_somebody_is_invited_by_command_and_given_a_role(place: Place) -> None:
    site = ["--site", str(place.site.directory)]
    run = CliRunner()
    said = run.invoke(
        app, ["people", "invite", "Ben Hale", "--role", "administrator", "--json", *site]
    )
    told = json.loads(said.stdout)
    assert told["person"] == "council/Ben Hale"
    assert place.person("Ben Hale").roles == ("checker", "administrator")
    # The command reads the machine's clock, which stands elsewhere than this place's.
    assert told["link"].startswith("http://127.0.0.1:8000/invitation/")
    plain = run.invoke(app, ["people", "invite", "Ben Hale", "--address", "https://x.test/", *site])
    assert "https://x.test/invitation/" in plain.stdout and "serves once" in plain.stdout


def test_an_account_is_locked_unlocked_and_signed_out_by_command(place: Place) -> None:
    visitor = place.signed_in("Ben Hale")
    site = ["--site", str(place.site.directory)]
    run = CliRunner()
    assert visitor.get("/account/").status_code == 200
    assert "locked" in run.invoke(app, ["people", "lock", "Ben Hale", *site]).stdout
    assert visitor.get("/account/").status_code == 302
    assert "unlocked" in run.invoke(app, ["people", "unlock", "Ben Hale", *site]).stdout
    visitor.send("/sign-in", sign_in="ben@example.org", password="plough-lantern-quiver")
    visitor.send("/sign-in/code", code=visitor.code())
    assert visitor.get("/account/").status_code == 200
    assert "everywhere" in run.invoke(app, ["people", "sign-out", "Ben Hale", *site]).stdout
    assert visitor.get("/account/").status_code == 302
