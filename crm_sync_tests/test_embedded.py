"""The embedded Postgres, with real processes that end, are killed, and share it.

Each command is a child process (`Commande`) that enters `serveur_embarque`, prints a URL and waits for a line.
Under root the life of the server is told twice, as root and as an ordinary user.
"""

import errno
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from crm_sync import embedded
from crm_sync.embedded import serveur_embarque
from crm_sync.errors import EmbeddedPostgresError

ROOT = os.geteuid() == 0
USERS = ["", "nobody"] if ROOT else [""]
only_root = pytest.mark.skipif(not ROOT, reason="acts as two users, or mounts a disk: run it as root as well")

START = """
import os, resource, signal, subprocess, sys, tempfile
from pathlib import Path
import psycopg
from crm_sync.embedded import serveur_embarque
from crm_sync.errors import EmbeddedPostgresError
home, user = Path(sys.argv[1]), sys.argv[2]
if user:
    import pwd
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
def terminate(*_):
    sys.exit(143)
signal.signal(signal.SIGTERM, terminate)
"""
HOLD = """
with serveur_embarque(home) as serveur:
    print(serveur.url("crm"), flush=True)
    sys.stdin.readline()
"""
REPORT = """
try:
    with serveur_embarque(home):
        print("started")
except EmbeddedPostgresError as error:
    print(error)
"""


class Commande:
    """A child process in a session of its own; warnings are errors in it too."""

    def __init__(self, home: Path, body: str = HOLD, user: str = "", **env: str):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", START + body, home, user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=os.environ | env,
            start_new_session=True,
        )

    def ready(self) -> str:
        """Wait until it holds the server; give the URL of database crm."""
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline().strip()
        assert line.startswith("postgresql://"), self.process.stderr.read()
        return line

    def end(self, code: int = 0) -> str:
        """Let it go on; it shall end by itself, with this code and nothing on stderr; give the rest it printed."""
        out, err = self.process.communicate("\n", timeout=30)
        assert (self.process.returncode, err) == (code, "")
        return out.strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


Lancer = Callable[..., Commande]


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """Where all folders of this file lie; its path is short, as sockets want it."""
    path = Path(tempfile.mkdtemp(prefix="cs", dir="/tmp")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
def ours(base: Path) -> Iterator[Path]:
    """The base folder; after the test no server is left in it, or the test fails."""
    yield base
    left = servers(base)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)
    assert not left, "a server outlived its commands"


@pytest.fixture
def dossier(ours: Path) -> Path:
    """A folder of our own, empty."""
    return Path(tempfile.mkdtemp(prefix="", dir=ours))


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str:
    """Nothing, for ourselves, or also the name of an ordinary user, as we are root."""
    return str(request.param)


@pytest.fixture
def home(ours: Path, request: pytest.FixtureRequest) -> Path:
    """A home that the tests of one user share, for making the data takes long; it is stopped."""
    name = request.getfixturevalue("user") if "user" in request.fixturenames else ""
    path = ours / f"de_{name}"
    if not path.exists():
        path.mkdir()
        if name:
            entry = pwd.getpwnam(name)
            os.chown(path, entry.pw_uid, entry.pw_gid)
            embedded._open_way(path, entry.pw_uid, entry.pw_gid)
    return path / "h"


@pytest.fixture
def lancer(ours: Path) -> Iterator[Lancer]:
    """Start commands; those that still run at the end are killed."""
    commands: list[Commande] = []

    def start(*args: str | Path, **kwargs: str) -> Commande:
        commands.append(Commande(*args, **kwargs))  # type: ignore[arg-type]
        return commands[-1]

    yield start
    for command in commands:
        command.kill()


def servers(dossier: Path) -> list[psutil.Process]:
    """The Postgres servers whose data lie under `dossier`."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or [""]
        if command[0].endswith("/postgres") and any(word.startswith(f"{dossier}/") for word in command):
            found.append(process)
    return found


def wait_until(condition: Callable[[], object], what: str) -> None:
    limit = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < limit, f"waited in vain until {what}"
        time.sleep(0.02)


def stopped(dossier: Path) -> bool:
    """The server is gone, or goes: its pid file is removed just before it ends."""
    wait_until(
        lambda: not servers(dossier) or (dossier / "h/postgres/postmaster.pid").exists(), "it is decided"
    )
    return not servers(dossier)


def refusal(home: Path) -> str:
    """The one sentence that says why `home` cannot serve."""
    with pytest.raises(EmbeddedPostgresError) as caught, serveur_embarque(home):
        pass
    return sentence(str(caught.value))


def sentence(text: str) -> str:
    assert "\n" not in text
    assert text.endswith(".")
    assert "CRM_SYNC_HOME" in text
    return text


def one_row(url: str, query: str) -> tuple[object, ...]:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row
    return row


# The life of the server


def test_first_start_then_again(dossier: Path, lancer: Lancer, user: str) -> None:
    command = lancer(dossier / "h", user=user)
    url = command.ready()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT 'Éloïse' AS prenom")
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]
            for name in (
                *("max_connections", "shared_buffers", "max_wal_size", "listen_addresses", "server_encoding"),
                *("fsync", "synchronous_commit", "full_page_writes", "timezone"),
            )
        }
        bases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
    assert shown == {
        "max_connections": "200",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "TimeZone" if "TimeZone" in shown else "timezone": "UTC",
    }
    assert bases == {"crm", "dagster", "postgres", "template0", "template1"}
    assert (dossier / "h/postgres").stat().st_mode & 0o777 == 0o700
    assert (dossier / "h").stat().st_mode & 0o007 == 0
    assert command.end() == ""
    assert stopped(dossier)

    (dossier / "h/postgres").chmod(0o755)  # Postgres would refuse it, and so should we all
    command = lancer(dossier / "h", user=user)
    assert one_row(command.ready(), "SELECT upper(prenom) FROM t") == ("ÉLOÏSE",)
    assert (dossier / "h/postgres").stat().st_mode & 0o777 == 0o700
    command.end()


@pytest.mark.parametrize("first_in_first_out", [True, False])
def test_two_commands_share_it_and_the_last_one_stops_it(
    dossier: Path, lancer: Lancer, user: str, first_in_first_out: bool
) -> None:
    first, second = lancer(dossier / "h", user=user), lancer(dossier / "h", user=user)  # a first start, both
    assert first.ready() == second.ready()
    [server] = servers(dossier)
    leaver, stayer = (first, second) if first_in_first_out else (second, first)
    leaver.end()
    assert servers(dossier) == [server]
    third = lancer(dossier / "h", user=user)
    third.ready()
    stayer.end()
    assert servers(dossier) == [server]
    third.end()
    assert stopped(dossier)


def test_twice_in_one_process(dossier: Path) -> None:
    with serveur_embarque(dossier / "h", ["a", "b", "a"]) as outer:
        with serveur_embarque(dossier / "h", ["b", "É \"'%c"]) as inner:
            assert inner == outer
            assert one_row(inner.url("É \"'%c"), "SELECT current_database()") == ("É \"'%c",)
        assert one_row(outer.url("b"), "SELECT current_database()") == ("b",)
    assert stopped(dossier)


def test_url_fits_all_clients_whatever_the_path_and_environment(
    dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("LC_ALL", "xx_XX.ISO-8859-15")
    (dossier / "lien").symlink_to(dossier / "h", target_is_directory=True)
    (dossier / "h").mkdir()
    with serveur_embarque(dossier / "lien/l'été à 100 % + #1") as serveur:
        url = serveur.url("crm")
        assert one_row(url, "SELECT current_database()") == ("crm",)
        for driver in ("psycopg", "psycopg2"):
            engine = sa.create_engine(url.replace("postgresql:", f"postgresql+{driver}:"))
            with engine.connect() as connection:
                assert connection.scalar(sa.text("SELECT current_database()")) == "crm"
            engine.dispose()


def test_what_the_body_raises_passes_unchanged(dossier: Path) -> None:
    with pytest.raises(OSError, match="^of the body$"), serveur_embarque(dossier / "h", ()):
        raise OSError("of the body")
    assert stopped(dossier)


# Ends of all kinds


def test_killed_command_leaves_it_to_the_next(dossier: Path, lancer: Lancer, user: str) -> None:
    killed = lancer(dossier / "h", user=user)
    killed.ready()
    [server] = servers(dossier)
    killed.kill()
    following = lancer(dossier / "h", user=user)
    following.ready()
    assert servers(dossier) == [server]
    following.end()
    assert stopped(dossier)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)])
def test_signal_stops_it(dossier: Path, lancer: Lancer, number: signal.Signals, code: int) -> None:
    command = lancer(
        dossier / "h", f"try:{HOLD.replace(chr(10), chr(10) + ' ')}\nexcept KeyboardInterrupt:\n pass"
    )
    command.ready()
    os.killpg(command.process.pid, number)
    command.process.communicate(timeout=30)
    assert command.process.returncode == (code if number == signal.SIGTERM else 0)
    assert stopped(dossier)


@pytest.mark.parametrize("moment", ["h/.postgres-en-creation/PG_VERSION", "h/postgres/log"])
def test_ctrl_c_during_the_start(dossier: Path, lancer: Lancer, moment: str) -> None:
    command = lancer(dossier / "h")
    wait_until((dossier / moment).exists, "it starts")
    os.killpg(command.process.pid, signal.SIGINT)
    out, err = command.process.communicate(timeout=30)
    assert (out, err.splitlines()[-1]) == ("", "KeyboardInterrupt")
    assert stopped(dossier)
    again = lancer(dossier / "h")
    again.ready()
    again.end()


def test_end_of_the_interpreter_stops_it_too(dossier: Path, lancer: Lancer) -> None:
    lancer(dossier / "h", "held = serveur_embarque(home)\nheld.__enter__()\n").end()
    assert (dossier / "h/postgres/PG_VERSION").exists()
    assert stopped(dossier)


def test_children_hold_nothing(dossier: Path, lancer: Lancer) -> None:
    body = HOLD.replace(
        "    print", "    print(subprocess.Popen(['sleep', '60'], close_fds=False).pid)\n    print"
    )
    parent = lancer(dossier / "h", body)
    assert parent.process.stdout
    sleeper = psutil.Process(int(parent.process.stdout.readline()))
    try:
        parent.ready()
        parent.process.kill()
        parent.process.wait()
        following = lancer(dossier / "h")
        following.ready()
        following.end()
        assert sleeper.is_running()
    finally:
        sleeper.kill()
    assert stopped(dossier)


def test_forks_neither_stop_nor_keep_it(dossier: Path, lancer: Lancer) -> None:
    body = """
reader, writer = os.pipe()
with serveur_embarque(home) as serveur:
    if os.fork() == 0:
        sys.exit(0)
    os.wait()
    psycopg.connect(serveur.url("crm")).close()
    if (child := os.fork()) == 0:
        os.read(reader, 1)
        os._exit(0)
print(len(list(home.glob("postgres/postmaster.pid"))))
os.write(writer, b".")
os.wait()
"""
    command = lancer(dossier / "h", body)
    assert command.end() == "0"
    assert stopped(dossier)


# A server that was killed


def killed_server(dossier: Path, lancer: Lancer, user: str) -> int:
    """A command's server is killed, then the command ends; give the pid that still stands in its file."""
    command = lancer(dossier / "h", user=user)
    command.ready()
    [server] = servers(dossier)
    server.kill()
    command.end()
    wait_until(lambda: not servers(dossier), "it is gone")
    assert (dossier / "h/postgres/postmaster.pid").read_text().startswith(f"{server.pid}\n")
    return server.pid


def test_killed_server_starts_again(dossier: Path, lancer: Lancer, user: str) -> None:
    killed_server(dossier, lancer, user)
    again = lancer(dossier / "h", user=user)
    assert one_row(again.ready(), "SELECT 1") == (1,)
    again.end()
    assert stopped(dossier)


def test_killed_server_whose_pid_is_now_another_process(dossier: Path, lancer: Lancer, user: str) -> None:
    pid = killed_server(dossier, lancer, user)
    data = dossier / "h/postgres"
    # Of the same OS user as the server: a pid of another user would not trouble Postgres.
    other = subprocess.Popen(["sleep", "60"], user=data.stat().st_uid if ROOT else None)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            text = (data / name).read_text()
            (data / name).write_text(text.replace(f"{pid}\n", f"{other.pid}\n", 1))
        again = lancer(dossier / "h", user=user)
        again.ready()
        again.end()
        assert stopped(dossier)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_end_does_not_signal_who_has_the_pid_now(dossier: Path, lancer: Lancer) -> None:
    command = lancer(dossier / "h")
    command.ready()
    [server] = servers(dossier)
    server.kill()
    pid_file = dossier / "h/postgres/postmaster.pid"
    other = subprocess.Popen(["sleep", "60"], user=pid_file.stat().st_uid if ROOT else None)
    try:
        pid_file.write_text(pid_file.read_text().replace(str(server.pid), str(other.pid), 1))
        command.end()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_start_waits_for_the_last_process_of_a_killed_server(dossier: Path, lancer: Lancer) -> None:
    first = lancer(dossier / "h")
    log = dossier / "h/postgres/log"
    with psycopg.connect(first.ready()) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        [server] = servers(dossier)
        backend.suspend()
        server.kill()
        first.end()
        second = lancer(dossier / "h")
        wait_until(lambda: log.exists() and "is still in use" in log.read_text(), "it was refused")
        assert second.process.poll() is None
        backend.resume()
        assert one_row(second.ready(), "SELECT 1") == (1,)
        second.end()
    assert stopped(dossier)


def test_attaching_waits_until_it_is_ready(dossier: Path, lancer: Lancer) -> None:
    first = lancer(dossier / "h")
    first.ready()
    pid_file = dossier / "h/postgres/postmaster.pid"
    text = pid_file.read_text()
    pid_file.write_text(text.replace("ready   ", "starting"))
    second = lancer(dossier / "h", HOLD.replace("with", "print('postgresql://', flush=True)\nwith"))
    second.ready()
    with pytest.raises(subprocess.TimeoutExpired):
        second.process.wait(0.5)
    assert (dossier / "h/postgres/log.precedent").exists() is False
    pid_file.write_text(text)
    second.ready()
    second.end()
    first.end()
    assert stopped(dossier)


def test_half_a_creation_is_begun_again(dossier: Path) -> None:
    (dossier / "h/.postgres-en-creation/base").mkdir(parents=True)
    with serveur_embarque(dossier / "h"):
        pass
    assert sorted(path.name for path in (dossier / "h").iterdir()) == [
        "postgres",
        "postgres.usages",
        "postgres.verrou",
    ]


# Refusals


def test_path_too_long_for_a_socket(dossier: Path) -> None:
    longest = embedded.SOCKET_PATH_MAX - len("/postgres/.s.PGSQL.5432") - len(os.fsencode(dossier)) - 1
    too_long = dossier / ("é" + "h" * (longest - 1))
    assert f"{too_long} ne peut servir : ce chemin a 1 octets de trop" in refusal(too_long)
    assert not list(dossier.iterdir())
    with serveur_embarque(dossier / ("é" + "h" * (longest - 2)), ["crm"]) as serveur:
        assert one_row(serveur.url("crm"), "SELECT 1") == (1,)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a$b", "a`b", "a\\b", "a\nb"])
def test_path_that_a_url_or_a_shell_would_misread(dossier: Path, name: str) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match="n'admet dans un chemin"),
        serveur_embarque(dossier / name),
    ):
        pass
    assert not list(dossier.iterdir())


def test_data_of_another_version(dossier: Path) -> None:
    (dossier / "h/postgres").mkdir(parents=True)
    (dossier / "h/postgres/PG_VERSION").write_text("16\n")
    if ROOT:
        os.chown(dossier / "h/postgres", pwd.getpwnam("nobody").pw_uid, -1)
    assert f"{dossier}/h est le 18 et ses données du 16 " in refusal(dossier / "h")
    assert [path.name for path in (dossier / "h/postgres").iterdir()] == ["PG_VERSION"]


def test_folder_that_is_no_data_folder(dossier: Path) -> None:
    (dossier / "h/postgres").mkdir(parents=True)
    (dossier / "h/postgres/photo.jpg").write_text("précieux")
    assert f"refuse {dossier}/h/postgres, " in refusal(dossier / "h")
    assert (dossier / "h/postgres/photo.jpg").read_text() == "précieux"
    (dossier / "i").mkdir()
    (dossier / "i/postgres").write_text("précieux")
    assert "i/postgres" in refusal(dossier / "i")
    assert (dossier / "i/postgres").read_text() == "précieux"


def test_home_that_is_a_file(dossier: Path) -> None:
    (dossier / "h").write_text("précieux")
    assert os.strerror(errno.EEXIST) in refusal(dossier / "h")


def test_folder_without_the_right_to_write(dossier: Path, lancer: Lancer) -> None:
    dossier.chmod(0o555)
    told = sentence(lancer(dossier / "h", REPORT, user=USERS[-1]).end())
    assert f"{dossier}/h" in told
    assert os.strerror(errno.EACCES) in told


def test_server_that_gives_up_says_why_at_once(dossier: Path, lancer: Lancer) -> None:
    with serveur_embarque(dossier / "h"):
        pass
    with (dossier / "h/postgres/postgresql.conf").open("a") as conf:
        conf.write("work_mem = 'beaucoup'\n")
    begun = time.monotonic()
    told = refusal(dossier / "h")
    assert "work_mem" in (dossier / "h/postgres/log").read_text()
    assert "FATAL:" in told
    assert f"voyez {dossier}/h/postgres/log" in told
    assert time.monotonic() - begun < 5


def test_creation_that_fails_leaves_nothing(dossier: Path, lancer: Lancer) -> None:
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    told = sentence(lancer(dossier / "h", limit + REPORT).end())
    assert "ne peut créer son dossier (" in told
    assert sorted(path.name for path in (dossier / "h").iterdir()) == ["postgres.usages", "postgres.verrou"]


@only_root
def test_full_disk(dossier: Path, lancer: Lancer) -> None:
    (dossier / "h").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "cs", dossier / "h"], check=True)
    try:
        filler = dossier / "h/remplissage"
        for octets in (70_000_000, 100_000_000):  # no room for the data, then not even for a file
            with (
                pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) if octets > 10**8 - 1 else _nothing()
            ):
                filler.write_bytes(b"." * octets)
            assert f"{dossier}/h n'a plus de place, le disque est plein : libérez 64 Mo" in refusal(
                dossier / "h"
            )
            assert not (dossier / "h/postgres").exists()
        filler.unlink()
        with serveur_embarque(dossier / "h"):
            filler.write_bytes(b"." * 10**7)
    finally:
        subprocess.run(["umount", dossier / "h"], check=True)


# Root


@only_root
def test_other_users_do_not_get_in(dossier: Path, lancer: Lancer) -> None:
    command = lancer(dossier / "h")
    url = command.ready()
    body = f"try:\n    psycopg.connect({url!r})\nexcept psycopg.Error as error:\n    print(error)\n"
    assert "Permission denied" in lancer(dossier / "h", body, user="nobody").end()
    assert dossier.stat().st_mode & 0o777 == 0o701  # a way through, no more
    command.end()


@only_root
def test_root_runs_the_data_of_an_ordinary_user_as_that_user(dossier: Path, lancer: Lancer) -> None:
    entry = pwd.getpwnam("nobody")
    os.chown(dossier, entry.pw_uid, entry.pw_gid)
    for user in ("nobody", "", "nobody"):
        command = lancer(dossier / "h", user=user)
        command.ready()
        assert [server.username() for server in servers(dossier)] == ["nobody"]
        command.end()
    assert stopped(dossier)


@only_root
def test_data_that_belong_to_root(dossier: Path) -> None:
    with serveur_embarque(dossier / "h"):
        pass
    os.chown(dossier / "h/postgres", 0, 0)
    assert f"refuse {dossier}/h/postgres, qui est à root" in refusal(dossier / "h")
