"""Simulated phones: each with a connection, cookies and forms of its own, as a browser would.

Plain HTTP/1.1 over asyncio, so that what sends the load costs little beside what answers it.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Timings:
    """Seconds of each answer by kind of request, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    """When each vote was acknowledged."""


@dataclass
class Browser:
    """The cookies of one browser, and its connections: kept open, one more where all are busy."""

    host: str
    port: int
    timings: Timings
    cookies: dict[str, str] = field(default_factory=dict)
    _idle: list[Streams] = field(default_factory=list)

    async def ask(
        self, kind: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Send one request; return status, headers and text. Its time is noted under ``kind``."""
        began = time.monotonic()
        for attempt in (1, 2):
            try:
                found = await asyncio.wait_for(self._once(path, form), 30)
                break
            except (OSError, asyncio.IncompleteReadError):
                # A server may close a connection that was idle; a browser opens another.
                if attempt == 2:
                    raise
        self.timings.seconds[kind].append(time.monotonic() - began)
        return found

    async def _once(
        self, path: str, form: dict[str, str] | None
    ) -> tuple[int, dict[str, str], str]:
        streams = (
            self._idle.pop() if self._idle else await asyncio.open_connection(self.host, self.port)
        )
        reader, writer = streams
        body = urlencode(form or {}).encode()
        lines = [
            f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "X-Phone: 1",
            "Cookie: " + "; ".join(f"{n}={v}" for n, v in self.cookies.items()),
        ]
        if form is not None:
            lines += [
                f"Content-Length: {len(body)}",
                "Content-Type: application/x-www-form-urlencoded",
            ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body * (form is not None))
        await writer.drain()
        found = await self._read(reader)
        if found[1].get("connection", "").lower() != "close":
            self._idle.append(streams)
        return found

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str], str]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status, headers = int(head[0].split()[1]), {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                cookie, _, held = value.strip().split(";")[0].partition("=")
                self.cookies[cookie] = held
            elif name:
                headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        return status, headers, body.decode(errors="replace")


class Phone(Browser):
    """Somebody's phone in the hall."""

    page = ""
    voted = False

    async def join(self, door: str, sector: str) -> None:
        """Open the door, load what it links to, and take a seat."""
        _, _, text = await self.ask("door", door)
        for asset in ASSET.findall(text):
            await self.ask("static", asset)
        form = dict(FIELD.findall(text)) | {"sector": sector, "table": ""}
        status, headers, _ = await self.ask("join", door, form)
        if status != 302:
            self.timings.wrong.append(f"join {status}")
            return
        await self.look(headers["location"])

    async def look(self, path: str) -> None:
        """Load the page that the phone shows."""
        self.path = path.split("?", maxsplit=1)[0]
        _, _, self.page = await self.ask("page", path)

    async def watch(self, until: float) -> None:
        """Ask now and then whether the page is out of date, as its script does."""
        every = float(re.findall(r'data-every="(\d+)"', self.page)[0])
        await asyncio.sleep(every * random.random())
        while time.monotonic() < until:
            now = unescape(re.findall(r'data-now="([^"]+)"', self.page)[0])
            status, _, text = await self.ask("poll", now)
            if status == 200:
                self.page = text
            await asyncio.sleep(every * (0.9 + 0.2 * random.random()))

    async def vote(self, question: str, choice: int, at: float) -> None:
        """Vote at a time, from the page that is shown then."""
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        name = f"choice.{question}"
        if name not in self.page:
            await self.look(self.path)
        form = dict(FIELD.findall(self.page)) | {name: str(choice)}
        status, _, text = await self.ask("vote", f"{self.path}/answer", form)
        if status != 200 or "Your answer was taken" not in text:
            self.timings.wrong.append(f"vote {status}")
            return
        self.timings.taken.append(time.monotonic())
        self.voted, self.page = True, text


@dataclass
class Screen(Browser):
    """A wall. ``heard`` is when it first said that so many had answered."""

    heard: dict[int, float] = field(default_factory=dict)

    async def watch(self, path: str, until: float) -> None:
        """Ask once a second, as its page does, and note how many it says have answered."""
        _, _, page = await self.ask("wall", path)
        while time.monotonic() < until:
            await asyncio.sleep(1)
            again = unescape(re.findall(r'hx-get="([^"]+)"', page)[0])
            status, _, text = await self.ask("wall poll", again)
            if status == 200:
                page = text
                row = page.split("app-heard")[-1].split("</table>")[0]
                if found := re.findall(r'cell">([\d,]+) or more', row):
                    self.heard.setdefault(int(found[0].replace(",", "")), time.monotonic())

    def behind(self, taken: list[float]) -> list[float]:
        """Return for each five votes how long after the fifth the wall said so."""
        times = sorted(taken)
        late = []
        for five in range(5, len(times) + 1, 5):
            seen = [at for told, at in self.heard.items() if told >= five]
            late.append(max(0.0, min(seen) - times[five - 1]) if seen else float("inf"))
        return late
