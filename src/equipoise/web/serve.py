"""Serve a site: gunicorn with a few processes of many threads each.

Threads suit short transactions on SQLite, and pages that wait; a process for each processor makes
use of them all. Gunicorn restarts a process that died, and lets answers finish when it is stopped.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import connections
from gunicorn.app.base import BaseApplication

from equipoise.acts.site import open_site
from equipoise.errors import EnvironmentFailed, Problem, UsageRefused
from equipoise.web.application import is_loopback, make_application, opened_for


@dataclass(frozen=True)
class Serving:
    """How to serve: where, with how many processes and threads, under which host names."""

    directory: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 16
    names: Sequence[str] = ()
    proxied: bool = False

    @property
    def address(self) -> str:
        """Return the address that people open."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class _Server(BaseApplication):
    def __init__(self, serving: Serving, on_ready: Callable[[], None]) -> None:
        self._serving = serving
        self._on_ready = on_ready
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what ``Serving`` says."""
        serving = self._serving
        host = f"[{serving.host}]" if ":" in serving.host else serving.host
        wanted: dict[str, Any] = {
            "bind": f"{host}:{serving.port}",
            "workers": serving.workers,
            "threads": serving.threads,
            "worker_class": "gthread",
            "keepalive": 15,
            "timeout": 60,
            "graceful_timeout": 20,
            "proc_name": "equipoise",
            "loglevel": "warning",
            "backlog": 2048,
            "control_socket_disable": True,
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)
        self.cfg.set("when_ready", lambda _: self._on_ready())

    def load(self) -> Any:
        """Open the site in this process, after it was forked."""
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        serving = self._serving
        site = open_site(serving.directory)
        invented = is_loopback(serving.host) and not serving.proxied
        opened = opened_for(site, invented=invented, proxied=serving.proxied)
        made = make_application(opened, _hosts(serving))
        # Read every page's module now, or the first to ask would wait for all of them.
        import_module("equipoise.web.urls")
        return made


def _hosts(serving: Serving) -> tuple[str, ...]:
    return (serving.host, *serving.names)


def refuse_unfit(serving: Serving) -> None:
    """Raise ``UsageRefused`` for what cannot be served: (WEB010) every address under no name,
    (WEB011) a number that cannot be."""
    if serving.host in ("0.0.0.0", "::") and not serving.names:  # noqa: S104  # is refused
        raise UsageRefused(
            Problem(
                "WEB010",
                f"{serving.host} is every address of this machine, and no name to be called by",
                why="a page answers only under names that it knows",
                next="name one address with --host, or say --name for each name people use",
            )
        )
    if not (0 < serving.port < 65536 and 0 < serving.workers <= 64 and 0 < serving.threads <= 256):
        raise UsageRefused(
            Problem(
                "WEB011",
                "a port, or a number of processes or threads, that cannot be",
                next="ports are 1 to 65535, processes 1 to 64, threads 1 to 256",
            )
        )


def refuse_taken(serving: Serving) -> None:
    """Raise ``EnvironmentFailed`` (WEB012) where the address cannot be listened at."""
    family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((serving.host, serving.port))
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "WEB012",
                f"{serving.address} cannot be listened at",
                why=error.strerror or type(error).__name__,
                next="another program may use the port: name another with --port",
            )
        ) from error


def serve(serving: Serving, on_ready: Callable[[], None] = lambda: None) -> None:
    """Serve until told to stop; call ``on_ready`` when pages are answered.

    The site is opened once before, so that its tables are up to date and what cannot be served is
    refused here, in words.
    """
    refuse_unfit(serving)
    opened_for(open_site(serving.directory))
    refuse_taken(serving)
    connections.close_all()  # a connection must not be shared with the processes to come
    os.environ.pop("GUNICORN_CMD_ARGS", None)
    _Server(serving, on_ready).run()
