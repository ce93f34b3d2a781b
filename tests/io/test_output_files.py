"""Results on disk: replaced in one step or in place, with their rights, and never half."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from defocus import atomic
from defocus.cli import command
from defocus.errors import OutputError
from defocus.io import output_files

OLD, NEW = b"old " * 1000, b"new " * 700
REFUSALS = [errno.EPERM, errno.ENOSYS, errno.ENOTSUP]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")
ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
Fail = Callable[..., None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Make functions of `os` fail with an errno or an exception, always or while `when` is true.

    `when` gets the arguments of the call.
    """

    def fail(*names: str, code: int | BaseException, when: Any = lambda *_: True) -> None:
        for name in names:
            real = getattr(os, name)

            def call(*arguments: Any, real: Any = real, **options: Any) -> Any:
                if when(*arguments):
                    raise OSError(code, os.strerror(code)) if isinstance(code, int) else code
                return real(*arguments, **options)

            monkeypatch.setattr(os, name, call)

    return fail


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(OLD)
    return path


def temporary(name: object, *_more: object) -> bool:
    return atomic.TEMPORARY in str(name)


def alone(path: Path) -> bool:
    """Whether nothing else lies in the folder."""
    return [entry.name for entry in path.parent.iterdir()] == [path.name]


# --- rights ---------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664])
def test_a_refused_chmod_replaces_and_opens_nothing(
    code: int, mode: int, old: Path, fail: Fail
) -> None:
    old.chmod(mode)
    fail("chmod", "fchmod", "chown", "fchown", "fsync", "setxattr", "removexattr", code=code)
    output_files.check_place(str(old))
    output_files.write_path(str(old), NEW)
    assert old.read_bytes() == NEW
    assert alone(old)
    assert stat.S_IMODE(old.stat().st_mode) & ~mode == 0


@POSIX
def test_a_file_is_for_nobody_else_at_any_moment(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.chmod(0o600)
    modes: list[int] = []
    real = os.fsync

    def look(file: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(file).st_mode))
        real(file)

    monkeypatch.setattr(os, "fsync", look)
    monkeypatch.setattr(os, "fchmod", lambda *_: None)
    before = os.umask(0)
    try:
        output_files.write_path(str(old), NEW)
    finally:
        os.umask(before)
    assert modes == [0o600]


@POSIX
@pytest.mark.parametrize("mode", [0o400, 0o604, 0o664, 0o1644, 0o2775, 0o4755, 0o6755])
def test_mode_bits_are_kept(mode: int, old: Path) -> None:
    old.chmod(mode)
    if not os.access(old, os.W_OK):
        pytest.skip("write-protected for this user")
    output_files.write_path(str(old), NEW)
    assert old.read_bytes() == NEW
    assert stat.S_IMODE(old.stat().st_mode) == mode


@POSIX
def test_mode_bits_are_kept_that_writing_clears(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(OLD)
    code = AS_ANOTHER_USER + (
        "os.chmod('a.png', 0o6755)\n"
        "files.write_path('a.png', b'new')\n"
        "print(oct(os.stat('a.png').st_mode & 0o7777))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "in")], capture_output=True, timeout=60
    )
    assert (done.stdout.split(), done.stderr) == ([b"0o6755"], b"")


@ROOT
def test_owner_and_group_are_kept(old: Path) -> None:
    os.chown(old, 4321, 8765)
    old.chmod(0o2640)
    output_files.write_path(str(old), NEW)
    status = old.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (4321, 8765, 0o2640)
    assert old.read_bytes() == NEW


@ROOT
@pytest.mark.parametrize("code", [*REFUSALS, errno.EINVAL, errno.EDQUOT])
def test_another_group_may_do_no_more_than_all(code: int, old: Path, fail: Fail) -> None:
    os.chown(old, 4321, 8765)
    for before, after in ((0o640, 0o600), (0o664, 0o644), (0o2674, 0o644), (0o4755, 0o755)):
        os.chown(old, 4321, 8765)
        old.chmod(before)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fchown", lambda *_: (_ for _ in ()).throw(OSError(code, "no")))
            output_files.write_path(str(old), NEW)
        assert stat.S_IMODE(old.stat().st_mode) == after
        assert old.stat().st_gid != 8765


def _acl(*entries: tuple[int, int, int]) -> bytes:
    """An access control list as Linux stores it: (tag, permissions, id) of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 2**32 - 1
# Owner rw, user 4321 r, group nothing, mask r, others nothing: the mode reads 0640.
LIST = _acl((1, 6, NOBODY), (2, 4, 4321), (4, 0, NOBODY), (16, 4, NOBODY), (32, 0, NOBODY))


def _set_or_skip(path: Path, name: str, value: bytes) -> None:
    if sys.platform != "linux":
        pytest.skip("Linux only")
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"this file system has none: {error}")


def test_the_users_attributes_are_kept(old: Path) -> None:
    _set_or_skip(old, "user.rating", b"5")
    output_files.write_path(str(old), NEW)
    assert os.getxattr(old, "user.rating") == b"5"


def test_an_access_control_list_is_kept_or_the_group_gets_nothing(old: Path, fail: Fail) -> None:
    _set_or_skip(old, "system.posix_acl_access", LIST)
    output_files.write_path(str(old), NEW)
    assert os.getxattr(old, "system.posix_acl_access") == LIST
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    fail("setxattr", code=errno.ENOTSUP)
    output_files.write_path(str(old), OLD)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert "system.posix_acl_access" not in os.listxattr(old)


def test_what_a_folder_gives_to_new_files_is_not_given_to_old_ones(old: Path) -> None:
    old.chmod(0o640)
    _set_or_skip(old.parent, "system.posix_acl_default", LIST)
    output_files.write_path(str(old), NEW)
    assert "system.posix_acl_access" not in os.listxattr(old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


# --- names ----------------------------------------------------------------------------------------


def test_another_name_of_the_file_keeps_the_old_content(old: Path) -> None:
    other = old.with_name("b.png")
    other.hardlink_to(old)
    output_files.write_path(str(old), NEW)
    assert (old.read_bytes(), other.read_bytes()) == (NEW, OLD)


@pytest.mark.parametrize("form", ["relative", "absolute", "chain"])
@pytest.mark.parametrize("there", [True, False])
def test_a_link_leads_to_the_file(form: str, there: bool, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    real, link = tmp_path / "far" / "real.png", tmp_path / "near" / "link.png"
    goal: Any = real if form == "absolute" else Path("../far/real.png")
    if form == "chain":
        (tmp_path / "near" / "step.png").symlink_to(goal)
        goal = "step.png"
    link.symlink_to(goal)
    if there:
        real.write_bytes(OLD)
    output_files.check_place(str(link))
    output_files.write_path(str(link), NEW)
    assert link.is_symlink()
    assert real.read_bytes() == NEW
    assert alone(real)


@POSIX
def test_names_and_paths_as_long_as_the_system_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = tmp_path / ("n" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 4) + ".png")
    output_files.write_path(str(longest), OLD)
    output_files.write_path(str(longest), NEW)
    assert longest.read_bytes() == NEW
    # In a folder whose own path is longer than a path may be, only relative names work.
    monkeypatch.chdir(tmp_path)
    for _ in range(os.pathconf(tmp_path, "PC_PATH_MAX") // 200 + 1):
        Path("d" * 200).mkdir()
        os.chdir("d" * 200)
    for data in (OLD, NEW):
        output_files.check_place("a.png")
        output_files.write_path("a.png", data)
        with Path("a.png").open("rb") as file:
            assert file.read() == data
    assert os.listdir() == ["a.png"]  # noqa: PTH208


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_file_whose_name_is_gone_is_written_all_the_same(old: Path) -> None:
    with old.open("r+b") as file:
        old.unlink()
        path = f"/proc/self/fd/{file.fileno()}"
        output_files.check_place(path)
        with pytest.warns(UserWarning, match="in place"):
            output_files.write_path(path, NEW)
        assert file.read() == NEW
    assert list(old.parent.iterdir()) == []


# --- no new file, or no renaming ------------------------------------------------------------------

FOLDERS = [errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG]
RENAMES = [errno.EBUSY, errno.EXDEV, errno.ENOSYS, errno.EPERM]


@pytest.fixture(params=[*(("open", c) for c in FOLDERS), *(("replace", c) for c in RENAMES)])
def in_place(request: pytest.FixtureRequest, fail: Fail) -> None:
    """A file system where nothing new can be put at the place of something old."""
    name, code = request.param
    fail(name, code=code, when=temporary)


@POSIX
@pytest.mark.usefixtures("in_place")
def test_written_in_place_with_a_warning(old: Path) -> None:
    old.chmod(0o640)
    number = old.stat().st_ino
    for data in (NEW, OLD, NEW):  # shorter, longer
        output_files.check_place(str(old))
        with pytest.warns(UserWarning, match="in place"):
            output_files.write_path(str(old), data)
        assert old.read_bytes() == data
    assert (old.stat().st_ino, stat.S_IMODE(old.stat().st_mode)) == (number, 0o640)
    assert alone(old)


@POSIX
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP])
def test_a_new_file_where_nothing_can_be_renamed(code: int, tmp_path: Path, fail: Fail) -> None:
    path = tmp_path / "a.png"
    fail("replace", code=code)
    with pytest.warns(UserWarning, match="in place"):
        output_files.write_path(str(path), NEW)
    assert path.read_bytes() == NEW
    assert alone(path)


@POSIX
@pytest.mark.filterwarnings("default")
def test_the_command_tells_of_it(
    old: Path, fail: Fail, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(old.parent)
    for name in ("in.png", "matte.png"):
        Image.fromarray(np.full((8, 8), 200, np.uint8)).save(name)
    fail("replace", code=errno.EBUSY)
    assert command.main(["portrait", "in.png", "-o", "a.png", "--matte", "matte.png"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line[: len("defocus: warning: 'a.png'")] for line in lines] == [
        "defocus: warning: 'a.png'"
    ]
    assert old.read_bytes().startswith(b"\x89PNG")


class Breaking(FileIO):
    """A file on a disk that is full in the middle of the first write."""

    broken = False

    def write(self, data: Any) -> int:
        if self.broken:
            return super().write(data)
        self.broken = True
        super().write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@POSIX
def test_a_failure_in_place_puts_the_old_bytes_back(
    old: Path, fail: Fail, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail("open", code=errno.EROFS, when=temporary)
    monkeypatch.setattr(atomic, "FileIO", Breaking)
    for data in (NEW, OLD * 3):
        with pytest.raises(OutputError, match="No space left"):
            output_files.write_path(str(old), data)
        assert old.read_bytes() == OLD


@POSIX
def test_an_interruption_in_place_puts_the_old_bytes_back(old: Path, fail: Fail) -> None:
    fail("open", code=errno.EROFS, when=temporary)
    calls = iter((True, False))
    fail("fsync", code=KeyboardInterrupt(), when=lambda *_: next(calls))
    with pytest.raises(KeyboardInterrupt):
        output_files.write_path(str(old), NEW)
    assert old.read_bytes() == OLD


@POSIX
def test_damage_that_cannot_be_undone_is_told(old: Path, fail: Fail) -> None:
    fail("open", code=errno.EROFS, when=temporary)
    fail("fsync", code=errno.EIO)
    with pytest.raises(OutputError, match="the file is damaged") as caught:
        output_files.write_path(str(old), NEW)
    assert "\n" not in str(caught.value)
    assert old.read_bytes() == OLD, "it is tried, though the disk may not have it"


@POSIX
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_new_file_in_place_is_whole_or_not_there(code: int, tmp_path: Path, fail: Fail) -> None:
    fail("replace", code=errno.ENOSYS)
    calls = iter((False, True))
    fail("fsync", code=code, when=lambda *_: next(calls))
    with pytest.raises(OutputError):
        output_files.write_path(str(tmp_path / "a.png"), NEW)
    assert list(tmp_path.iterdir()) == []


@POSIX
@pytest.mark.parametrize("step", ["open", "fchmod", "fsync", "replace"])
@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, KeyboardInterrupt(), MemoryError()]
)
def test_other_failures_leave_the_old_file_and_nothing_else(
    step: str, code: Any, old: Path, fail: Fail
) -> None:
    fail(step, code=code, when=temporary if step == "open" else lambda *_: True)
    if step == "fchmod" and isinstance(code, int):
        output_files.write_path(str(old), NEW)  # what it protects is not more readable than before
        assert old.read_bytes() == NEW
        return
    with pytest.raises(OutputError if isinstance(code, int) else type(code)):
        output_files.write_path(str(old), NEW)
    assert old.read_bytes() == OLD
    assert alone(old)


# --- the check before, and the system's own word --------------------------------------------------


# As a user other than root, who becomes the owner of the folder in the first argument.
AS_ANOTHER_USER = """
import os, sys, warnings
from defocus.io import output_files as files
from defocus.errors import OutputError
warnings.simplefilter('ignore')
os.chdir(sys.argv[1])
if os.geteuid() == 0:
    for path in ('.', *os.listdir()):
        os.chown(path, 4321, 4321)
    os.setgroups([])
    os.setresgid(4321, 4321, 4321)
    os.setresuid(4321, 4321, 4321)
"""


@POSIX
@pytest.mark.parametrize("file", [None, 0o000, 0o200, 0o400, 0o600])
@pytest.mark.parametrize("folder", [0o500, 0o700])
def test_the_check_says_what_writing_does(file: int | None, folder: int, tmp_path: Path) -> None:
    place = tmp_path / "in"
    place.mkdir()
    if file is not None:
        (place / "a.png").write_bytes(OLD)
        (place / "a.png").chmod(file)
    place.chmod(folder)
    code = AS_ANOTHER_USER + (
        "for step in (files.check_place, lambda path: files.write_path(path, b'new')):\n"
        "    try:\n"
        "        step('a.png')\n"
        "        print('yes')\n"
        "    except OutputError:\n"
        "        print('no')\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(place)], capture_output=True, text=True, timeout=60
        )
    finally:
        place.chmod(0o700)
    assert done.returncode == 0, done.stderr
    possible = folder == 0o700 if file is None else file == 0o600 or (file, folder) == (0o200, 448)
    assert done.stdout.split() == ["yes" if possible else "no"] * 2
    assert {entry.name for entry in place.iterdir()} <= {"a.png"}
    if file is not None:
        (place / "a.png").chmod(0o600)
        assert (place / "a.png").read_bytes() == (b"new" if possible else OLD)


@pytest.fixture
def mounts() -> list[str]:
    """The start of a command line that may mount for its own process alone."""
    prefix = ["unshare", "-m", "--propagation", "private"]
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("needs unshare and mount")
    if subprocess.run([*prefix, "true"], capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    return prefix


WRITE = (
    "import sys, warnings; warnings.simplefilter('always')\n"
    "from defocus.io import output_files as files\n"
    "files.check_place(sys.argv[1]); files.write_path(sys.argv[1], b'new')\n"
)


@pytest.mark.parametrize(
    "mount",
    [
        'mount --bind "$1/real.png" "$1/a/a.png"',
        'mount --bind "$1/a" "$1/a" && mount --bind "$1/real.png" "$1/a/a.png" && '
        'mount -o remount,bind,ro "$1/a"',
    ],
    ids=["a file that is mounted", "in a folder that is read-only"],
)
def test_a_mounted_file(mount: str, mounts: list[str], tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "a.png").write_bytes(b"below")
    (tmp_path / "real.png").write_bytes(OLD)
    script = f'{mount} || exit 77; exec "$2" -c "$3" "$1/a/a.png"'
    done = subprocess.run(
        [*mounts, "sh", "-c", script, "-", str(tmp_path), sys.executable, WRITE],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode == 77:
        pytest.skip(f"cannot mount: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert "in place" in done.stderr
    assert (tmp_path / "real.png").read_bytes() == b"new"
    assert alone(tmp_path / "a" / "a.png")


SHIM = """
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
int chmod(const char *p, mode_t m) { errno = ENOTSUP; return -1; }
int fchmod(int fd, mode_t m) { errno = ENOTSUP; return -1; }
int fchmodat(int d, const char *p, mode_t m, int f) { errno = ENOTSUP; return -1; }
int chown(const char *p, uid_t u, gid_t g) { errno = EPERM; return -1; }
int fchown(int fd, uid_t u, gid_t g) { errno = EPERM; return -1; }
int fsync(int fd) { errno = EINVAL; return -1; }
int fsetxattr(int fd, const char *n, const void *v, size_t s, int f) { errno = EACCES; return -1; }
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs LD_PRELOAD")
def test_a_file_system_that_refuses_whatever_it_can(old: Path, tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a compiler of C")
    aside = tmp_path / "aside"
    aside.mkdir()
    (aside / "shim.c").write_text(SHIM)
    shim = aside / "shim.so"
    subprocess.run([compiler, "-shared", "-fPIC", aside / "shim.c", "-o", shim], check=True)
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(old)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LD_PRELOAD": str(shim)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert old.read_bytes() == b"new"
    shutil.rmtree(aside)
    assert alone(old)


@POSIX
def test_a_full_pipe_that_does_not_block_is_an_error() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with FileIO(reading), FileIO(writing, "wb") as file, pytest.raises(OutputError):
        output_files.write_file(file, bytes(1 << 20))
