"""The kernel's locks one by one: what is asked of each kernel, and what a refusal becomes."""

from __future__ import annotations

import errno
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from equipoise.gate import inside, kernel, locks, room, syscalls, watch
from equipoise.gate.guard import Trespass, judge

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's own locks")


class Kernel:
    """Stands where the C library stands; answers as told, 0 where nothing is told."""

    def __init__(self, **answers: int) -> None:
        self.answers = answers
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., int]:
        def call(*arguments: Any) -> int:
            self.asked.append((name, *arguments))
            return self.answers.pop(name, 0)

        return call


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Kernel]]:
    def make(**answers: int) -> Kernel:
        made = Kernel(**answers)
        monkeypatch.setattr(kernel, "_libc", lambda: made)
        return made

    yield make


def test_a_refusal_of_the_kernel_is_an_error_with_its_reason(
    stand_in: Callable[..., Kernel],
) -> None:
    stand_in(prctl=-1)
    kernel.ctypes.set_errno(errno.ENOSYS)
    with pytest.raises(OSError, match="Function not implemented"):
        kernel.die_with_parent(os.getppid())


def test_a_parent_that_is_already_gone_stops_the_step(stand_in: Callable[..., Kernel]) -> None:
    stand_in()
    with pytest.raises(OSError, match="gone"):
        kernel.die_with_parent(os.getppid() + 1)
    kernel.die_with_parent(os.getppid())


def test_without_user_namespaces_the_network_is_left_as_root_may(
    stand_in: Callable[..., Kernel],
) -> None:
    asked = stand_in(unshare=-1)
    kernel.leave_network()
    assert asked.asked == [
        ("unshare", kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET),
        ("unshare", kernel.CLONE_NEWNET),
    ]


@pytest.mark.parametrize(
    ("version", "size", "rights", "tcp", "scopes"),
    [(1, 8, 13, 0, 0), (2, 8, 14, 0, 0), (3, 8, 15, 0, 0), (4, 16, 15, 3, 0), (5, 16, 16, 3, 0),
     (6, 24, 16, 3, 3), (7, 24, 16, 3, 3), (9, 24, 16, 3, 3)],
)  # fmt: skip
def test_each_kernel_is_asked_for_all_it_knows_and_no_more(
    version: int, size: int, rights: int, tcp: int, scopes: int,
    stand_in: Callable[..., Kernel], tmp_path: Path,
) -> None:  # fmt: skip
    made = stand_in(syscall=os.dup(0))  # the ruleset's number, which is closed in the end
    kernel.lock_files(version, (Path("/nowhere"), tmp_path), (Path(__file__),))
    _, number, ruleset, asked_size, _ = made.asked[0]
    assert number == kernel.SYS_LANDLOCK_CREATE_RULESET
    assert asked_size.value == size
    told = ruleset._obj
    assert told.handled_access_fs == (1 << rights) - 1
    assert (told.handled_access_net, told.scoped) == (tcp, scopes)
    rules = [call for call in made.asked if call[1] == kernel.SYS_LANDLOCK_ADD_RULE]
    assert len(rules) == 2  # a path that does not exist gives no right
    folder, file = (call[4]._obj.allowed_access for call in rules)
    assert folder == kernel.READS
    assert file == kernel.OF_A_FILE & ((1 << rights) - 1)


def test_a_lock_is_noted_as_held_or_with_the_reason_why_not() -> None:
    held = locks.Held()

    def no() -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def never() -> None:
        raise ImportError("no such module")

    assert held.ask("a", lambda: None)
    assert not held.ask("b", no)
    assert not held.ask("c", never)
    assert held.locks == ["a"]
    assert held.missing == {"b": "Operation not permitted", "c": "no such module"}


def test_a_run_inside_the_python_installation_is_not_locked_to_its_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "readable", lambda: (tmp_path,))
    held = locks.Held()
    locks._hold_files(held, tmp_path / "run")
    assert held.locks == []
    assert "inside the Python installation" in held.missing["own files only"]
    assert "needs Landlock 4" in held.missing["no TCP"]


def test_an_older_landlock_holds_files_and_not_tcp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(kernel, "landlock_version", lambda: 3)
    monkeypatch.setattr(kernel, "lock_files", lambda *arguments: given.append(arguments))
    held = locks.Held()
    locks._hold_files(held, tmp_path)
    assert held.locks == ["own files only"]
    assert set(held.missing) == {"no TCP", "no signals outside"}
    assert given[0][0] == 3
    assert given[0][1][-1] == tmp_path / "in"
    assert given[0][2] == (tmp_path / "out",)


def test_what_may_be_read_holds_nobodys_data() -> None:
    read = {str(path) for path in locks.readable()}
    assert not read & {"/", "/etc", "/home", "/root", "/tmp", "/var", "/proc", "/usr"}
    assert str(Path(room.__file__).parents[1]) in read


# -- the filter of system calls --------------------------------------------------------------------


def filtered(machine: str, number: int, argument: int = 0, arch: int | None = None) -> int:
    """Run the filter by hand, as seccomp(2) says it runs, and return its answer."""
    data = {0: number, 4: syscalls.AUDIT_ARCH[machine] if arch is None else arch, 16: argument}
    lines, at, held = syscalls.program(machine), 0, 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == syscalls.RETURN:
            return value
        if code == syscalls.LOAD:
            held = data[value]
            continue
        truth = {
            syscalls.JUMP_EQUAL: held == value,
            syscalls.JUMP_AT_LEAST: held >= value,
            syscalls.JUMP_BITS: bool(held & value),
        }[code]
        at += yes if truth else no


MACHINES = ("x86_64", "aarch64")
EPERM = 0x00050000 | errno.EPERM
THREAD, PROCESS = 0x3D0F00, 0x01200011  # what glibc's pthread_create and fork pass to clone
PLAIN = {
    "x86_64": {"read": 0, "mmap": 9, "openat": 257, "futex": 202, "tgkill": 234},
    "aarch64": {"read": 63, "mmap": 222, "openat": 56, "futex": 98, "tgkill": 131},
}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_refuses_what_is_in_its_table_and_nothing_else(machine: str) -> None:
    for number in (*syscalls.REFUSED[machine].values(), *syscalls.SAME_EVERYWHERE.values()):
        assert filtered(machine, number) == EPERM
    for number in PLAIN[machine].values():
        assert filtered(machine, number) == syscalls.ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_may_start_and_processes_may_not(machine: str) -> None:
    assert filtered(machine, syscalls.CLONE[machine], THREAD) == syscalls.ALLOW
    assert filtered(machine, syscalls.CLONE[machine], PROCESS) == EPERM
    assert filtered(machine, syscalls.CLONE3) == 0x00050000 | errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_a_second_way_to_number_the_calls_is_closed(machine: str) -> None:
    assert filtered(machine, PLAIN[machine]["read"], arch=0x40000003) == syscalls.KILL
    assert filtered(machine, syscalls.NEW_ABI | 41) == EPERM


def test_a_machine_without_a_table_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(OSError, match="s390x"):
        syscalls.refuse_calls()


def test_a_kernel_that_takes_no_filter_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls.ctypes, "CDLL", lambda *_, **__: Kernel(prctl=-1))
    with pytest.raises(OSError, match="no filter"):
        syscalls.refuse_calls()


# -- the guard, asked without standing -------------------------------------------------------------


def test_the_guard_tells_reading_from_writing_and_ours_from_others(tmp_path: Path) -> None:
    read, write = tmp_path / "in", tmp_path / "out"
    read.mkdir()
    write.mkdir()
    (write / "link").symlink_to("/etc/passwd")
    hook = judge((read,), (write,))
    for event, arguments in (
        ("open", (str(read / "a"), "r", os.O_RDONLY)),
        ("open", (bytes(write / "a"), None, os.O_WRONLY | os.O_CREAT)),
        ("open", (write / "a", "r", os.O_RDONLY)),
        ("open", (7, "w", os.O_WRONLY)),
        ("os.listdir", (str(read),)),
        ("os.scandir", (None,)),
        ("os.mkdir", (str(write / "b"), 511, -1)),
        ("os.rename", (str(write / "a"), str(write / "b"), -1, -1)),
        ("import", ("json", None, None, None, None)),
        ("exec", ("code",)),
    ):
        hook(event, arguments)
    for event, arguments in (
        ("open", (str(read / "a"), "w", os.O_WRONLY)),
        ("open", (str(read / "a"), "r+", os.O_RDWR)),
        ("open", (str(read / "a"), "a", os.O_APPEND)),
        ("open", (str(tmp_path / "other"), "r", os.O_RDONLY)),
        ("open", (str(tmp_path / "output"), "r", os.O_RDONLY)),
        ("open", (str(write / ".." / "other"), "r", os.O_RDONLY)),
        ("open", (str(write / "link"), "r", os.O_RDONLY)),
        ("os.listdir", (str(tmp_path),)),
        ("os.rename", (str(write / "a"), str(tmp_path / "b"), -1, -1)),
        ("os.remove", (str(read / "a"), -1)),
        ("socket.connect", (None, ("127.0.0.1", 1))),
        ("subprocess.Popen", ("x", [], None, None)),
        ("ctypes.dlopen", ("libc.so.6",)),
        ("os.fork", ()),
        ("gc.get_objects", (-1,)),
    ):
        with pytest.raises(Trespass) as refusal:
            hook(event, arguments)
        assert str(refusal.value) == f"the locked process refuses {event}"


# -- where other platforms differ ------------------------------------------------------------------


def test_memory_is_counted_by_what_the_platform_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert inside.peak_memory(None) >= peak * 1024
    monkeypatch.setattr(sys, "platform", "darwin")
    assert inside.peak_memory(None) < peak * 1024
    monkeypatch.setitem(sys.modules, "resource", None)
    assert inside.peak_memory(None) == 0


def test_without_an_account_of_itself_a_process_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> int:
        raise FileNotFoundError

    monkeypatch.setattr(os, "open", gone)
    assert inside._own_status() is None


def test_what_is_left_out_is_not_there_and_all_else_is() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no module pandas\.core"):
        inside._Absent().find_spec("pandas.core")
    inside._Absent().find_spec("pandas_of_another_name")


def test_no_second_connection_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    opened = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", opened)  # put back afterwards
    ours = opened()
    ours.execute("CREATE TABLE mark AS SELECT 7 AS n")
    try:
        inside._only_engine(ours)
        assert duckdb.sql("SELECT n FROM mark").fetchall() == [(7,)]
        with pytest.raises(Trespass):
            duckdb.connect(":memory:")
    finally:
        duckdb.set_default_connection(opened())


def test_the_memory_of_a_process_that_is_gone_is_unknown() -> None:
    assert watch.memory_of(2**22 + 1) is None
    held = watch.memory_of(os.getpid())
    assert held is not None
    assert 1 << 20 < held < 64 << 30


def test_without_a_memory_watch_the_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from locked import AGREEMENT

    monkeypatch.setattr(room, "memory_of", lambda process: None)
    assert "memory watch" not in room._held_here(room.Job("use", AGREEMENT, "entitled", {}))


@pytest.mark.parametrize("hard", ["bounded", "unbounded"])
def test_a_limit_is_never_raised(hard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    bound = 64 if hard == "bounded" else resource.RLIM_INFINITY
    told: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda which: (64, bound))
    monkeypatch.setattr(resource, "setrlimit", told.__setitem__)
    locks.limit_resources(locks.Limits(open_files=512))
    assert told[resource.RLIMIT_CORE] == (0, 0)
    assert told[resource.RLIMIT_NOFILE] == ((64, 64) if hard == "bounded" else (512, 512))
