"""Hostile steps. Loaded by the tests alone, into a locked process that they start themselves.

Each family is a table of attempts. An attempt that returns has got through; one that raises was
refused. What an attempt needs to know (``aim``) travels as JSON in the name of what the job is for.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Attempt = Callable[[dict[str, Any], Any], Any]


def _files() -> dict[str, Attempt]:
    import mmap
    import shutil
    import sqlite3
    import tempfile
    import zipfile

    import duckdb
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.dataset
    import pyarrow.fs
    import pyarrow.parquet

    def link_out(aim: dict[str, Any], session: Any) -> bytes:
        Path("link").symlink_to(aim["secret"])
        return Path("link").read_bytes()

    def mapped(aim: dict[str, Any], session: Any) -> bytes:
        handle = os.open(aim["secret"], os.O_RDONLY)
        return mmap.mmap(handle, 0, access=mmap.ACCESS_READ).read()

    folder = pyarrow.fs.LocalFileSystem()
    return {
        "open the key": lambda aim, s: open(aim["secret"]).read(),  # noqa: PTH123
        "os.open the key": lambda aim, s: os.read(os.open(aim["secret"], os.O_RDONLY), 9),
        "os.open from a folder": lambda aim, s: os.open(
            Path(aim["secret"]).name, os.O_RDONLY, dir_fd=os.open(aim["site"], os.O_RDONLY)
        ),
        "climb out of the run": lambda aim, s: Path("../../../secret.key").read_bytes(),
        "climb through /proc/self/root": lambda aim, s: Path(
            "/proc/self/root" + aim["secret"]
        ).read_bytes(),
        "list the site": lambda aim, s: os.listdir(aim["site"]),  # noqa: PTH208
        "scan the site": lambda aim, s: list(os.scandir(aim["site"])),
        "list home": lambda aim, s: os.listdir("/root"),  # noqa: PTH208
        "list the root": lambda aim, s: os.listdir("/"),  # noqa: PTH208
        "/etc/passwd": lambda aim, s: Path("/etc/passwd").read_text(),
        "/etc/shadow": lambda aim, s: Path("/etc/shadow").read_text(),
        "the parent's environment": lambda aim, s: Path(
            f"/proc/{os.getppid()}/environ"
        ).read_bytes(),
        "the parent's memory": lambda aim, s: open(  # noqa: PTH123
            f"/proc/{os.getppid()}/mem", "rb"
        ),
        "the parent's open files": lambda aim, s: os.listdir(  # noqa: PTH208
            f"/proc/{os.getppid()}/fd"
        ),
        "its own memory": lambda aim, s: open("/proc/self/mem", "rb+"),  # noqa: PTH123
        "the machine's processes": lambda aim, s: os.listdir("/proc"),  # noqa: PTH208
        "symbolic link": link_out,
        "hard link": lambda aim, s: os.link(aim["secret"], "hard"),
        "memory map": mapped,
        "numpy.fromfile": lambda aim, s: np.fromfile(aim["secret"], dtype="u1"),
        "numpy.memmap": lambda aim, s: np.memmap(aim["secret"], dtype="u1", mode="r"),
        "Arrow file": lambda aim, s: pa.OSFile(aim["secret"]).read(),
        "Arrow memory map": lambda aim, s: pa.memory_map(aim["secret"]).read(),
        "Arrow CSV": lambda aim, s: pyarrow.csv.read_csv(aim["secret"]),
        "Arrow dataset": lambda aim, s: pyarrow.dataset.dataset(
            aim["secret"], format="csv"
        ).to_table(),
        "Arrow file system": lambda aim, s: folder.open_input_file(aim["secret"]).read(),
        "Arrow listing": lambda aim, s: _some(
            folder.get_file_info(pyarrow.fs.FileSelector(aim["site"]))
        ),
        "Arrow writing": lambda aim, s: pyarrow.parquet.write_table(
            pa.table({"a": [1]}), aim["site"] + "/stolen.parquet"
        ),
        "Arrow removing": lambda aim, s: folder.delete_file(aim["secret"]),
        "a second DuckDB": lambda aim, s: duckdb.connect().execute(
            f"SELECT content FROM read_text('{aim['secret']}')"
        ),
        "DuckDB's own default": lambda aim, s: duckdb.sql(
            f"SELECT content FROM read_text('{aim['secret']}')"
        ).fetchall(),
        "DuckDB read_csv": lambda aim, s: duckdb.read_csv(aim["secret"]).fetchall(),
        "write outside": lambda aim, s: Path(aim["site"], "stolen").write_text("x"),
        "append to the key": lambda aim, s: open(aim["secret"], "a").write("x"),  # noqa: PTH123
        "truncate the key": lambda aim, s: os.truncate(aim["secret"], 0),
        "remove the key": lambda aim, s: os.remove(aim["secret"]),  # noqa: PTH107
        "move the key": lambda aim, s: os.rename(aim["secret"], "mine"),  # noqa: PTH104
        "move out of the run": lambda aim, s: _moved_out(aim),
        "make a folder outside": lambda aim, s: os.mkdir(aim["site"] + "/new"),  # noqa: PTH102
        "remove a folder outside": lambda aim, s: os.rmdir(aim["site"] + "/empty"),  # noqa: PTH106
        "remove a tree outside": lambda aim, s: shutil.rmtree(aim["site"]),
        "open the key to all": lambda aim, s: os.chmod(aim["secret"], 0o666),  # noqa: PTH101
        "change the key's owner": lambda aim, s: os.chown(aim["secret"], 1, 1),
        "change the key's times": lambda aim, s: os.utime(aim["secret"], (10**9, 10**9)),
        "mark the key": lambda aim, s: os.setxattr(aim["secret"], "user.mark", b"1"),
        "rewrite the job": lambda aim, s: Path("../in/job.json").write_text("{}"),
        "rewrite the agreement": lambda aim, s: Path("../in/agreement.json").write_text("{}"),
        "rewrite a table": lambda aim, s: Path("../in/0.arrow").write_text("x"),
        "rewrite our own code": lambda aim, s: Path(_gate_file()).write_text("x"),
        "a file in /tmp": lambda aim, s: tempfile.NamedTemporaryFile(dir="/tmp"),
        "a device": lambda aim, s: os.mknod("null", 0o020666, os.makedev(1, 3)),
        "a pipe with a name": lambda aim, s: os.mkfifo("pipe"),
        "sqlite3": lambda aim, s: sqlite3.connect(aim["site"] + "/secret.db").execute("select 1"),
        "a zip of the key": lambda aim, s: zipfile.ZipFile("z.zip", "w").write(aim["secret"]),
        "leave the folder": lambda aim, s: _left("/"),
        "leave for the site": lambda aim, s: _left(aim["site"]),
    }


def _some(found: list[Any]) -> list[Any]:
    if not found:
        raise PermissionError("nothing was seen")
    return found


def _moved_out(aim: dict[str, Any]) -> None:
    Path("mine").write_text("x")
    Path("mine").rename(aim["site"] + "/moved")


def _left(folder: str) -> str:
    here = Path.cwd()
    os.chdir(folder)
    found = os.listdir(".")  # noqa: PTH208
    os.chdir(here)
    return str(found)


def _gate_file() -> str:
    import equipoise.gate.decide

    return str(equipoise.gate.decide.__file__)


def _network() -> dict[str, Attempt]:
    import asyncio
    import http.client
    import socket
    import urllib.request

    import duckdb
    import pyarrow.fs

    def udp(aim: dict[str, Any], session: Any) -> int:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
            b"stolen", ("127.0.0.1", aim["udp"])
        )

    def listen(aim: dict[str, Any], session: Any) -> None:
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen()

    def unix(path: str) -> None:
        socket.socket(socket.AF_UNIX).connect(path)

    url = "http://127.0.0.1:{tcp}/"
    return {
        "TCP": lambda aim, s: socket.create_connection(("127.0.0.1", aim["tcp"]), timeout=2),
        "UDP": udp,
        "IPv6": lambda aim, s: socket.socket(socket.AF_INET6),
        "raw": lambda aim, s: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        "netlink": lambda aim, s: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
        "a Unix socket with a path": lambda aim, s: unix(aim["unix"]),
        "a Unix socket without a path": lambda aim, s: unix("\0" + aim["abstract"]),
        "a pair of sockets": lambda aim, s: socket.socketpair(),
        "listening": listen,
        "name lookup": lambda aim, s: socket.getaddrinfo("example.org", 80),
        "the machine's name": lambda aim, s: socket.gethostbyname(socket.gethostname()),
        "urllib": lambda aim, s: urllib.request.urlopen(url.format(**aim), timeout=2),
        "http.client": lambda aim, s: http.client.HTTPConnection(
            "127.0.0.1", aim["tcp"], timeout=2
        ).request("GET", "/"),
        "asyncio": lambda aim, s: asyncio.run(asyncio.sleep(0)),
        "DuckDB over http": lambda aim, s: s._connection.execute(
            f"SELECT * FROM read_csv('{url.format(**aim)}')"
        ),
        "a second DuckDB over http": lambda aim, s: duckdb.connect().execute(
            f"SELECT * FROM read_csv('{url.format(**aim)}')"
        ),
        "Arrow over S3": lambda aim, s: pyarrow.fs.S3FileSystem(
            endpoint_override=f"127.0.0.1:{aim['tcp']}", scheme="http", anonymous=True,
            connect_timeout=1, request_timeout=1,
        ).get_file_info("bucket/key").size + 0,
    }  # fmt: skip


def _processes() -> dict[str, Attempt]:
    import ctypes
    import multiprocessing
    import pty
    import resource
    import signal
    import subprocess

    def fork(aim: dict[str, Any], session: Any) -> int:
        child = os.fork()
        if child == 0:
            os._exit(0)
        return child

    def forkpty(aim: dict[str, Any], session: Any) -> int:
        child, _ = pty.fork()
        if child == 0:
            os._exit(0)
        return child

    def many(aim: dict[str, Any], session: Any) -> None:
        process = multiprocessing.get_context("fork").Process(target=os.getpid)
        process.start()
        process.join()

    def call(name: str, *arguments: Any) -> int:
        libc = ctypes.CDLL(None, use_errno=True)
        found = int(getattr(libc, name)(*arguments))
        if found < 0:
            raise OSError(ctypes.get_errno(), "refused")
        if found == 0 and name in ("fork", "vfork"):
            os._exit(0)
        return found

    def shell(name: str) -> int:
        code = int(getattr(ctypes.CDLL(None), name)(b"true"))
        if code != 0:
            raise OSError(code, "refused")
        return code

    def raise_limit(aim: dict[str, Any], session: Any) -> None:
        bound = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_CORE, (bound, bound))

    def cached_libc(aim: dict[str, Any], session: Any) -> Any:
        from equipoise.gate import kernel, syscalls

        kept = [
            name for module in (kernel, syscalls)
            for name, value in vars(module).items() if isinstance(value, ctypes.CDLL)
        ]  # fmt: skip
        if not kept:
            raise PermissionError("no library was kept")
        return kept

    return {
        "subprocess": lambda aim, s: subprocess.run(["/bin/true"], check=True),
        "a shell": lambda aim, s: _zero(os.system("true")),
        "popen": lambda aim, s: os.popen("id").read() or _none(),
        "exec": lambda aim, s: os.execv("/bin/true", ["true"]),
        "spawn": lambda aim, s: os.posix_spawn("/bin/true", ["true"], {}),
        "Python again": lambda aim, s: subprocess.run([sys.executable, "-c", ""], check=True),
        "fork": fork,
        "fork with a terminal": forkpty,
        "multiprocessing": many,
        "kill the parent": lambda aim, s: os.kill(os.getppid(), signal.SIGCONT),
        "kill the parent's group": lambda aim, s: os.killpg(aim["group"], signal.SIGCONT),
        "kill everybody": lambda aim, s: os.kill(1, 0),
        "ctypes open": lambda aim, s: call("open", aim["secret"].encode(), 0),
        "ctypes fork": lambda aim, s: call("fork"),
        "ctypes system": lambda aim, s: shell("system"),
        "ctypes socket": lambda aim, s: call("socket", 1, 1, 0),
        "ctypes execv": lambda aim, s: call("execv", b"/bin/true", None),
        "ctypes kill": lambda aim, s: call("kill", os.getppid(), 0),
        "ctypes ptrace": lambda aim, s: call("ptrace", 16, os.getppid(), 0, 0),
        "ctypes process_vm_readv": lambda aim, s: call(
            "process_vm_readv", os.getppid(), None, 0, None, 0, 0
        ),
        "ctypes unshare": lambda aim, s: call("unshare", 0x10000000),
        "ctypes mount": lambda aim, s: call("mount", b"/", b"/mnt", None, 4096, None),
        "ctypes io_uring": lambda aim, s: call("syscall", 425, 8, None),
        "ctypes bpf": lambda aim, s: call("syscall", 321, 0, None, 0),
        "ctypes chmod": lambda aim, s: call("chmod", aim["secret"].encode(), 0o666),
        "ctypes loading a library": lambda aim, s: ctypes.CDLL(aim["site"] + "/evil.so"),
        "raise its own limits": raise_limit,
        "the libraries our locks used": cached_libc,
        "become somebody else": lambda aim, s: os.setuid(12345),
    }


def _zero(code: int) -> int:
    if code != 0:
        raise OSError(code, "refused")
    return code


def _none() -> None:
    raise OSError("nothing came back")


def _leaks() -> dict[str, Attempt]:
    import gc

    def environment(aim: dict[str, Any], session: Any) -> list[str]:
        return _seen([name for name in os.environ if name not in aim["variables"]])

    def descriptors(aim: dict[str, Any], session: Any) -> list[int]:
        here = str(Path.cwd().parent)
        found = []
        for number in range(3, 512):
            try:
                about = os.fstat(number)
            except OSError:
                continue
            if (about.st_dev, about.st_ino) == tuple(aim["open"]):
                found.append(number)
        assert here
        return _seen(found)

    def stdin(aim: dict[str, Any], session: Any) -> bytes:
        return _seen(os.read(0, 1))

    def modules(aim: dict[str, Any], session: Any) -> list[str]:
        rooms = ("equipoise.keys", "equipoise.holdings", "equipoise.store", "equipoise.acts")
        return _seen([name for name in sys.modules if name.startswith(rooms)])

    def session_path(aim: dict[str, Any], session: Any) -> list[str]:
        return _seen([name for name in dir(session) if not name.startswith("_")
                      and name not in ("names", "table", "query", "progress")])  # fmt: skip

    return {
        "variables of the parent": environment,
        "open files of the parent": descriptors,
        "input of the parent": stdin,
        "rooms behind the gate": modules,
        "more of the session than its protocol": session_path,
        "another table": lambda aim, s: s.table("customers_northlight"),
        "every object in memory": lambda aim, s: gc.get_objects(),
        "who refers to the session": lambda aim, s: gc.get_referrers(s),
        "what the session refers to": lambda aim, s: gc.get_referents(s),
    }


def _seen(found: Any) -> Any:
    if not found:
        raise PermissionError("nothing was seen")
    return found


FAMILIES = {"files": _files, "network": _network, "processes": _processes, "leaks": _leaks}


def try_all(session: Any, agreement: Any, of: str) -> Any:
    """Make every attempt of a family and report, for each, what came of it."""
    from equipoise.carry.outputs import Result

    aim = json.loads(of)
    came: dict[str, int | float | str] = {}
    for name, attempt in FAMILIES[aim["family"]]().items():
        if name not in aim.get("only", [name]):
            continue
        try:
            attempt(aim, session)
        except Exception as error:
            came[name] = f"refused: {type(error).__name__}"
        else:
            came[name] = "GOT THROUGH"
    return Result((), facts=came)


ATTACKS = {"try": try_all}
