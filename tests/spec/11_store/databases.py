"""The databases that the store's promises are held against."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
APPEND = """
import sys
from equipoise.clock import system_clock
from equipoise.store.changing import Store
store = Store(sys.argv[1], system_clock)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    with store.change(sys.argv[2]) as change:
        change.note("register published", "register:x", agreements=1, entries=number)
"""


def appending(url: str, actor: str, entries: int) -> subprocess.Popen[str]:
    """Start a process that appends entries as soon as a line arrives on its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPEND, url, actor, str(entries)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def why_no_postgres() -> str:
    """Return why Postgres cannot be tried here, or an empty string."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed: pip install 'equipoise[postgres]'"
    if binaries() is None:
        return "no Postgres server is installed"
    if os.name != "posix":
        return "the server is started with POSIX means"
    if os.geteuid() == 0 and not _somebody():
        return "Postgres does not run as root, and there is no other user to run it as"
    return ""


def binaries() -> Path | None:
    """Return the folder of the server's programs."""
    if (found := shutil.which("pg_ctl")) is not None:
        return Path(found).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return places[-1].parent if places else None


def _somebody() -> dict[str, Any]:
    """Return how to start a process as a user who is not root, if this one is."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return {}


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start a Postgres server of our own in ``folder``; yield the URL of its first database."""
    programs, who = binaries(), _somebody()
    assert programs is not None
    data = folder / "pg"
    data.mkdir(parents=True)
    if who:
        os.chown(data, who["user"], who["group"])
        for parent in data.parents:  # the server's user must be able to come this far
            if parent.owner() == "root" and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def give(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, *arguments],
            cwd=data, check=True, timeout=120, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who,
        )  # fmt: skip

    give("initdb", "-D", str(data / "db"), "-A", "trust", "-U", "keeper", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories="
    control = ("-D", str(data / "db"), "-w")
    give("pg_ctl", *control, "-o", options, "-l", str(data / "log"), "start")
    try:
        yield f"postgresql://keeper@127.0.0.1:{port}/postgres"
    finally:
        give("pg_ctl", *control, "-m", "immediate", "stop")
