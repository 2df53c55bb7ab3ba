"""Measure a full hall: ``python -m benchmarks.workshop [--people 800] [--seconds 60]``.

Starts ``equipoise serve`` on loopback with SQLite and its usual two processes, lets simulated
phones join, vote and keep asking whether the room has moved on, while walls are watched. Checks
that every vote is kept as it was cast, and writes times and lateness as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.workshop.phones import Phone, Screen, Timings
from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts.site import Site, enrol, found_site
from equipoise.weigh.workshop.plan import Information
from equipoise.weigh.workshop.wish import Wish

LEAD = "Ann Lee"
NAME = "full-hall"
QUESTION = "before.case-1"
SECTORS = ("council", "health", "voluntary")
WALLS = 2


def made(folder: Path, people: int) -> tuple[Site, making.Made]:
    """Make a site with one open workshop for so many people."""
    site = found_site(folder / "site", name="Full hall", practice=True)
    enrol(site, "council", LEAD, roles=("facilitator",), practice=True)
    wish = Wish(
        id=NAME,
        title="A full hall",
        facilitators=(f"council/{LEAD}",),
        people=people,
        minutes=60,
        sets={},
        cases=("case-1",),
        sectors=SECTORS,
        exercises=("welcome", "two-round poll"),
        information=Information(title="What is shared", words="Names and addresses."),
    )
    workshop = making.make_workshop(site, LEAD, making.propose_workshop(site, wish).plan)
    steering.open_workshop(site, NAME, LEAD)
    return site, workshop


def serving(site: Site) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server as its owner would, and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "equipoise.cli.main", "serve", "--site", str(site.directory),
         "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(300):
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return server, port
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the server did not answer")


def used(server: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds that the server's processes have used."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in children]
    return sum(int(f[11]) + int(f[12]) for f in fields) / os.sysconf("SC_CLK_TCK")


async def hall(
    site: Site,
    workshop: making.Made,
    server: tuple[subprocess.Popen[bytes], int],
    people: int,
    seconds: float,
) -> dict[str, Any]:
    """Let everybody join, then vote; return what was measured."""
    process, port = server
    joining, voting = Timings(), Timings()
    door = f"/join/{workshop.code}/{workshop.key}"
    phones = [Phone("127.0.0.1", port, joining) for _ in range(people)]

    async def arrive(number: int, phone: Phone) -> None:
        await asyncio.sleep(seconds * number / people)
        await phone.join(door, SECTORS[number % 3])

    # Both processes have served a page before the hall fills, as after any first minutes.
    await asyncio.gather(*(Phone("127.0.0.1", port, Timings()).ask("", "/join") for _ in range(60)))
    began, cpu = time.monotonic(), [used(process)]
    await asyncio.gather(*(arrive(n, phone) for n, phone in enumerate(phones)))
    joined = time.monotonic() - began
    cpu.append(used(process))
    for phone in phones:
        phone.timings = voting
    step = seeing.see_wall(site, NAME).step.number
    screens = [Screen("127.0.0.1", port, voting) for _ in range(WALLS)]
    start = time.monotonic() + 2
    until = start + seconds + 3
    watching = [
        asyncio.create_task(screen.watch(f"/wall/{NAME}?key={workshop.key}", until))
        for screen in screens
    ]
    watching += [asyncio.create_task(phone.watch(until)) for phone in phones]
    steering.move_to(site, NAME, LEAD, seen=step, to=step + 1)
    draw = random.Random(7)
    choices = [1 + n % 5 for n in range(people)]
    await asyncio.gather(
        *(
            phone.vote(QUESTION, choice, start + draw.uniform(0, seconds))
            for phone, choice in zip(phones, choices, strict=True)
        )
    )
    await asyncio.gather(*watching)
    cpu.append(used(process))
    late = [each for screen in screens for each in screen.behind(voting.taken)]
    return {
        "people": people,
        "seconds": seconds,
        "joining": {
            "seconds": round(joined, 1),
            "server CPU seconds": round(cpu[1] - cpu[0], 1),
            **told(joining),
        },
        "voting": {"server CPU seconds": round(cpu[2] - cpu[1], 1), **told(voting)},
        "wall": {
            "seconds behind, 95th percentile": quantile(late, 0.95),
            "seconds behind, at most": round(max(late), 2),
        },
        **kept(site, phones, choices),
    }


def quantile(values: list[float], at: float) -> float:
    """Return a quantile, to the thousandth."""
    return round(sorted(values)[min(len(values) - 1, int(at * len(values)))], 3)


def told(timings: Timings) -> dict[str, Any]:
    """Return the times of each kind of request, in milliseconds."""
    return {
        "wrong": timings.wrong,
        "milliseconds": {
            kind: {
                "requests": len(each),
                "median": round(1000 * statistics.median(each)),
                "95th": round(1000 * quantile(each, 0.95)),
                "longest": round(1000 * max(each)),
            }
            for kind, each in sorted(timings.seconds.items())
        },
    }


def kept(site: Site, phones: list[Phone], choices: list[int]) -> dict[str, Any]:
    """Hold what the site keeps against what was cast and acknowledged."""
    with making.book(site).live(NAME) as live:
        votes = live.state.votes.get(QUESTION, {})
        counted = [sum(c == point for c in votes.values()) for point in range(1, 6)]
    cast = [sum(c == point for c in choices) for point in range(1, 6)]
    acknowledged = sum(phone.voted for phone in phones)
    lost = acknowledged - len(votes)
    return {"acknowledged": acknowledged, "kept": len(votes), "lost": lost,
            "as cast": counted == cast}  # fmt: skip


def main() -> None:
    """Run it and write the JSON."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=800)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--out", type=Path, default=Path(__file__).parent / "workshop.json")
    given = asked.parse_args()
    # The facilitator's few acts run beside the phones' loop, on one thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    with tempfile.TemporaryDirectory() as folder:
        site, workshop = made(Path(folder), given.people)
        server = serving(site)
        before = os.getloadavg()[0]
        try:
            found = asyncio.run(hall(site, workshop, server, given.people, given.seconds))
        finally:
            server[0].terminate()
            server[0].wait(60)
    found = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load before": round(before, 1),
            "load after": round(os.getloadavg()[0], 1),
        },
        **found,
    }
    given.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
