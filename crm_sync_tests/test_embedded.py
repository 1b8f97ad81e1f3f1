"""The embedded Postgres, with real processes that end, are killed, and share it.

A command is a child process (`Commande`) that enters `serveur_embarque`, prints a URL and waits for a line.
Under root the main stories are told twice: as root and as an ordinary user.
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
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa
from psycopg.pq import Ping

from crm_sync import embedded
from crm_sync.embedded import _Cluster, serveur_embarque
from crm_sync.errors import EmbeddedPostgresError

ROOT = os.geteuid() == 0
USERS = ["", "nobody"] if ROOT else [""]
only_root = pytest.mark.skipif(not ROOT, reason="takes a second user or mounts a disk: run it as root as well")

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
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
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

    def __init__(self, home: Path, body: str = HOLD, user: str = ""):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", START + body, home, user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            start_new_session=True,
        )

    def line(self) -> str:
        assert self.process.stdout
        assert self.process.stderr
        text = self.process.stdout.readline()
        assert text, self.process.stderr.read()
        return text.strip()

    def end(self) -> str:
        """Let it go on: it ends by itself, well, and says nothing on stderr; give the rest it printed."""
        out, err = self.process.communicate("\n", timeout=30)
        assert (self.process.returncode, err) == (0, "")
        return out.strip()

    def interrupt(self, number: signal.Signals) -> tuple[int, str]:
        """Signal its whole group, as a terminal does; give its exit code and the last line on stderr."""
        os.killpg(self.process.pid, number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err[err.rstrip().rfind("\n") + 1 :].strip()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


Lancer = Callable[..., Commande]


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """Where all folders of this file lie: a short path, for the sockets, in memory where there is room."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes it safe
    fits = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    path = Path(tempfile.mkdtemp(prefix="cs", dir=memory if fits else "/tmp")).resolve()  # noqa: S108
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
def ours(base: Path) -> Iterator[Path]:
    """The base folder; a server that is left in it after the test is killed, and fails the test."""
    yield base
    left = servers(base)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)
    assert not left, "a server outlived its commands"


@pytest.fixture
def dossier(ours: Path) -> Path:
    """An empty folder for this test only."""
    return Path(tempfile.mkdtemp(prefix="", dir=ours))


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str:
    """Nothing, for ourselves; if we are root, also the name of an ordinary user."""
    return str(request.param)


@pytest.fixture
def home(ours: Path, request: pytest.FixtureRequest) -> Path:
    """The home of that user, where there is one: shared by the tests, because making the data is slow."""
    name = request.getfixturevalue("user") if "user" in request.fixturenames else ""
    folder = ours / f"de_{name}"
    if not folder.exists():
        folder.mkdir()
        if name:
            give(folder, name)
    return folder / "h"


@pytest.fixture
def lancer(ours: Path) -> Iterator[Lancer]:
    """Start commands; those that still run at the end are killed."""
    commands: list[Commande] = []

    def start(home: Path, body: str = HOLD, user: str = "") -> Commande:
        commands.append(Commande(home, body, user))
        return commands[-1]

    yield start
    for command in commands:
        command.kill()


def give(folder: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    embedded._open_way(folder, entry.pw_uid, entry.pw_gid)


def servers(folder: Path) -> list[psutil.Process]:
    """The Postgres servers whose data lie under `folder`."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or [""]
        if command[0].endswith("/postgres") and any(word.startswith(f"{folder}/") for word in command):
            found.append(process)
    return found


def copy(home: Path, to: Path) -> Path:
    """A home like `home`, at another path: a copy is faster made than new data."""
    if not (home / "postgres").exists():
        with serveur_embarque(home):
            pass
    subprocess.run(["cp", "-a", home, to], check=True)
    return to


def stopped(home: Path) -> bool:
    """No server of `home` runs, nor will in a moment: its pid file goes just before it does."""
    return not (home / "postgres/postmaster.pid").exists() and vanished(home)


def vanished(home: Path) -> bool:
    wait_until(lambda: not servers(home), "the server is gone")
    return True


def wait_until(condition: Callable[[], object], what: str) -> None:
    limit = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < limit, f"waited in vain until {what}"
        time.sleep(0.02)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return row[0]


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


@contextmanager
def stranger(data: Path) -> Iterator[int]:
    """The pid of a process that nobody shall end, of the server's OS user: others Postgres would not mind."""
    process = subprocess.Popen(["sleep", "60"], user=data.stat().st_uid if ROOT else None)
    try:
        yield process.pid
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


# Start, share, stop


def test_two_first_starts_at_once_then_again(home: Path, lancer: Lancer, user: str) -> None:
    first, second = lancer(home, user=user), lancer(home, user=user)
    url = first.line()
    assert second.line() == url
    assert len(servers(home)) == 1
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS t AS SELECT 'Éloïse' AS prenom")
        settings: dict[str, str] = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
        bases = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
    assert bases >= {"crm", "dagster"}
    assert settings.items() >= {
        ("max_connections", "200"),
        ("shared_buffers", str(256 * 1024 // 8)),
        ("max_wal_size", "4096"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        *((name, "on") for name in ("fsync", "synchronous_commit", "full_page_writes")),
    }
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    assert home.stat().st_mode & 0o007 == 0
    assert (first.end(), second.end()) == ("", "")
    assert stopped(home)

    (home / "postgres").chmod(0o755)  # Postgres refuses that, and it is ours to mend
    again = lancer(home, user=user)
    assert ask(again.line(), "SELECT upper(prenom) FROM t") == "ÉLOÏSE"
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    again.end()
    assert stopped(home)


@pytest.mark.parametrize("leaves_first", [0, 1])
def test_two_commands_share_it_and_the_last_one_stops_it(home: Path, lancer: Lancer, leaves_first: int) -> None:
    commands = [lancer(home), lancer(home)]
    for command in commands:
        command.line()
    [server] = servers(home)
    commands.pop(leaves_first).end()
    assert servers(home) == [server]
    third = lancer(home)
    third.line()
    commands.pop().end()
    assert servers(home) == [server]
    third.end()
    assert stopped(home)


def test_twice_in_one_process(home: Path) -> None:
    with serveur_embarque(home, ["a", "b", "a"]) as outer:
        with serveur_embarque(home, ["b", "É \"'%c"]) as inner:
            assert inner == outer
            assert ask(inner.url("É \"'%c"), "SELECT current_database()") == "É \"'%c"
        assert ask(outer.url("b"), "SELECT current_database()") == "b"
    assert stopped(home)


def test_url_fits_all_clients_whatever_the_path_and_environment(
    home: Path, dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PGPORT", "1"), ("PGDATA", "/nowhere"), ("LC_ALL", "xx_XX.ISO-8859-15")):
        monkeypatch.setenv(name, value)
    (dossier / "vrai").mkdir()
    (dossier / "lien").symlink_to(dossier / "vrai", target_is_directory=True)
    copy(home, dossier / "vrai/l'été à 100 % + #1")
    (dossier / "fermé").mkdir(mode=0o700)
    monkeypatch.chdir(dossier / "fermé")
    with serveur_embarque(Path("../lien/l'été à 100 % + #1")) as serveur:
        url = serveur.url("crm")
        assert ask(url, "SELECT current_database()") == "crm"
        for driver in ("psycopg", "psycopg2"):
            engine = sa.create_engine(url.replace("postgresql:", f"postgresql+{driver}:"))
            with engine.connect() as connection:
                assert connection.scalar(sa.text("SELECT current_database()")) == "crm"
            engine.dispose()
    assert vanished(dossier)


def test_what_the_body_raises_passes_unchanged(home: Path) -> None:
    with pytest.raises(OSError, match=r"^of the body$"), serveur_embarque(home):
        raise OSError("of the body")
    assert stopped(home)


# Ends of all kinds


def test_killed_command_leaves_it_to_the_next(home: Path, lancer: Lancer, user: str) -> None:
    killed = lancer(home, user=user)
    killed.line()
    [server] = servers(home)
    killed.kill()
    following = lancer(home, user=user)
    following.line()
    assert servers(home) == [server]
    following.end()
    assert stopped(home)


@pytest.mark.parametrize(
    ("number", "result"),
    [(signal.SIGTERM, (143, "")), (signal.SIGINT, (-signal.SIGINT, "KeyboardInterrupt"))],
)
def test_signal_stops_it(home: Path, lancer: Lancer, number: signal.Signals, result: tuple[int, str]) -> None:
    command = lancer(home)
    command.line()
    assert command.interrupt(number) == result
    assert stopped(home)


def test_ctrl_c_during_the_start(dossier: Path, lancer: Lancer) -> None:
    for moment in (".postgres-en-creation/PG_VERSION", "postgres/log"):
        command = lancer(dossier)
        wait_until((dossier / moment).exists, f"{moment} exists")
        assert command.interrupt(signal.SIGINT) == (-signal.SIGINT, "KeyboardInterrupt")
        assert stopped(dossier)
    with serveur_embarque(dossier):
        assert {path.name for path in dossier.iterdir()} == {"postgres", "postgres.usages", "postgres.verrou"}


def test_end_of_the_interpreter_stops_it_too(home: Path, lancer: Lancer) -> None:
    body = """
import threading
entered = threading.Event()
def hold():
    with serveur_embarque(home):
        entered.set()
        threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
entered.wait()
"""
    lancer(home, body).end()
    assert stopped(home)


def test_children_hold_nothing(home: Path, lancer: Lancer) -> None:
    body = HOLD.replace("    print", "    print(subprocess.Popen(['sleep', '60'], close_fds=False).pid)\n    print")
    parent = lancer(home, body)
    child = psutil.Process(int(parent.line()))
    try:
        parent.line()
        parent.process.kill()
        parent.process.wait()
        following = lancer(home)
        following.line()
        following.end()
        assert stopped(home)
        assert child.is_running()
    finally:
        child.kill()


def test_forks_neither_stop_nor_keep_it(home: Path, lancer: Lancer) -> None:
    body = """
reader, writer = os.pipe()
with serveur_embarque(home) as serveur:
    if os.fork() == 0:
        sys.exit(0)
    os.wait()
    psycopg.connect(serveur.url("crm")).close()
    if os.fork() == 0:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
with serveur_embarque(home):
    pass
print((home / "postgres/postmaster.pid").exists())
os.close(writer)
os.wait()
"""
    assert lancer(home, body).end() == "False"
    assert stopped(home)


# A server that was killed


def test_killed_server_starts_again(home: Path) -> None:
    with serveur_embarque(home):
        [server] = servers(home)
        server.kill()
        vanished(home)
        with serveur_embarque(home) as serveur:  # the first entry still uses it, and shall have it back
            assert ask(serveur.url("crm"), "SELECT 1") == 1
        assert len(servers(home)) == 1
    assert stopped(home)


def test_killed_server_whose_pid_is_now_another_process(home: Path, lancer: Lancer, user: str) -> None:
    command = lancer(home, user=user)
    command.line()
    [server] = servers(home)
    server.kill()
    vanished(home)
    with stranger(home / "postgres") as pid:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            lock = home / "postgres" / name
            assert lock.read_text().startswith(f"{server.pid}\n")
            lock.write_text(lock.read_text().replace(str(server.pid), str(pid), 1))
        command.end()  # it signals no stranger
        again = lancer(home, user=user)
        again.line()
        again.end()
        assert stopped(home)


def test_start_waits_for_the_last_process_of_a_killed_server(home: Path, lancer: Lancer) -> None:
    log = home / "postgres/log"
    with serveur_embarque(home) as serveur, psycopg.connect(serveur.url("crm")) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        [server] = servers(home)
        backend.suspend()
        try:
            server.kill()
            vanished(home)
            second = lancer(home)
            wait_until(lambda: log.exists() and "is still in use" in log.read_text(), "it was refused")
            assert second.process.poll() is None
        finally:
            backend.resume()
        second.line()
        second.end()
    assert stopped(home)


def test_server_that_is_stopping_is_waited_for(home: Path, lancer: Lancer) -> None:
    with serveur_embarque(home) as serveur:
        [server] = servers(home)
        with psycopg.connect(serveur.url("crm")):
            server.terminate()  # which lets its clients finish, and refuses new ones
            wait_until(lambda: _Cluster(home, home / "postgres", None)._ping() == Ping.REJECT, "it refuses")
            second = lancer(home, f"print('begins', flush=True)\n{HOLD}")
            second.line()
            with pytest.raises(subprocess.TimeoutExpired):
                second.process.wait(timeout=0.5)
        assert ask(second.line(), "SELECT 1") == 1
        assert servers(home) != [server]
        second.end()
    assert stopped(home)


def test_server_that_is_slow_to_answer_is_waited_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serveur_embarque(home):
        running = servers(home)
        answers = iter([Ping.NO_RESPONSE] * 3)
        ping = _Cluster._ping
        monkeypatch.setattr(_Cluster, "_ping", lambda cluster: next(answers, None) or ping(cluster))
        with serveur_embarque(home) as serveur:
            assert ask(serveur.url("crm"), "SELECT 1") == 1
        assert servers(home) == running
        assert (home / "postgres/log").exists()  # that of a running server stays where it is
    assert stopped(home)


def test_server_out_of_sight_is_joined_and_not_signalled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serveur_embarque(home):
        pid_file = home / "postgres/postmaster.pid"
        text = pid_file.read_text()
        with stranger(home / "postgres") as pid:  # as from another container: the pid means somebody else there
            pid_file.write_text(str(pid) + text[text.index("\n") :])
            with serveur_embarque(home) as serveur:
                assert ask(serveur.url("crm"), "SELECT 1") == 1
            assert (home / "postgres/log").exists()
        pid_file.write_text(text)
    assert stopped(home)


# Refusals: one sentence, nothing lost


def test_path_too_long_for_a_socket(home: Path, dossier: Path) -> None:
    longest = embedded.SOCKET_PATH_MAX - len(os.fsencode(dossier / "é/postgres/.s.PGSQL.5432"))
    too_long = dossier / ("é" + "h" * (longest + 1))
    assert f"{too_long} ne peut servir : ce chemin a 1 octets de trop" in refusal(too_long)
    assert not list(dossier.iterdir())
    with serveur_embarque(copy(home, dossier / ("é" + "h" * longest))) as serveur:
        assert ask(serveur.url("crm"), "SELECT 1") == 1


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a$b", "a`b", "a\\b", "a\tb"])
def test_path_that_a_url_or_a_shell_would_misread(dossier: Path, name: str) -> None:
    assert "n'admet dans un chemin" in refusal(dossier / name)
    assert not list(dossier.iterdir())


def test_data_of_another_version(dossier: Path) -> None:
    (dossier / "postgres").mkdir()
    (dossier / "postgres/PG_VERSION").write_text("16\n")
    if ROOT:
        give(dossier / "postgres", "nobody")
    assert f"{dossier} est le 18 et ses données du 16 " in refusal(dossier)
    assert [path.name for path in (dossier / "postgres").iterdir()] == ["PG_VERSION"]


def test_folder_that_is_no_data_folder(dossier: Path) -> None:
    for precious in ("un/postgres/photo.jpg", "deux/postgres"):
        home = dossier / precious.split("/")[0]
        (dossier / precious).parent.mkdir(parents=True)
        (dossier / precious).write_text("précieux")
        assert f"refuse {home}/postgres, " in refusal(home)
        assert (dossier / precious).read_text() == "précieux"


def test_home_that_is_a_file(dossier: Path) -> None:
    (dossier / "h").write_text("précieux")
    assert f"{os.strerror(errno.EEXIST)} : {dossier}/h" in refusal(dossier / "h")


def test_folder_without_the_right_to_write(dossier: Path, lancer: Lancer) -> None:
    dossier.chmod(0o555)
    told = sentence(lancer(dossier / "h", REPORT, user=USERS[-1]).end())
    assert f"{os.strerror(errno.EACCES)} : {dossier}/h" in told


def test_server_that_gives_up_says_why_at_once(home: Path) -> None:
    with serveur_embarque(home):
        pass
    conf = home / "postgres/postgresql.conf"
    text = conf.read_text()
    conf.write_text(f"{text}\nwork_mem = 'beaucoup'\n")
    begun = time.monotonic()
    told = refusal(home)
    conf.write_text(text)
    assert "ne démarre pas (" in told
    assert "FATAL:" in told
    assert f"voyez {home}/postgres/log" in told
    assert time.monotonic() - begun < 5


def test_creation_that_fails_leaves_nothing(dossier: Path, lancer: Lancer) -> None:
    small_files = "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    told = sentence(lancer(dossier, small_files + REPORT).end())
    assert "ne peut créer son dossier (" in told
    assert "voyez" not in told
    assert {path.name for path in dossier.iterdir()} == {"postgres.usages", "postgres.verrou"}


@only_root
def test_full_disk(dossier: Path) -> None:
    home = dossier / "disque"
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m,nr_inodes=4000", "cs", home], check=True)
    full = f"{home} n'a plus de place, le disque est plein : libérez 64 Mo"
    filler = home / "remplissage"
    try:
        filler.write_bytes(b"." * 70_000_000)
        assert full in refusal(home)
        assert not (home / "postgres").exists()
        filler.unlink()
        with serveur_embarque(home):
            pass
        with suppress(OSError):
            filler.write_bytes(b"." * 100_000_000)
        assert full in refusal(home)
        filler.unlink()
        with serveur_embarque(home) as serveur:
            assert ask(serveur.url("crm"), "SELECT 1") == 1
        assert stopped(home)
        with suppress(OSError):
            for number in range(4000):
                (home / str(number)).touch()
        assert full.replace(f"{home} ", f"{home}/neuf ") in refusal(home / "neuf")
    finally:
        subprocess.run(["umount", home], check=True)


# Root


@only_root
def test_other_users_do_not_get_in(dossier: Path, lancer: Lancer) -> None:
    with serveur_embarque(dossier / "h") as serveur:
        url = serveur.url("crm")
        body = f"try:\n    psycopg.connect({url!r})\nexcept psycopg.Error as error:\n    print(error)\n"
        assert "Permission denied" in lancer(dossier / "h", body, user="nobody").end()
    assert dossier.stat().st_mode & 0o777 == 0o701  # a way through, no more


@only_root
def test_root_runs_the_data_of_an_ordinary_user_as_that_user(ours: Path, lancer: Lancer) -> None:
    folder = ours / "de_nobody"
    folder.mkdir(exist_ok=True)
    give(folder, "nobody")
    for user in ("nobody", "", "nobody"):
        command = lancer(folder / "h", user=user)
        command.line()
        assert [server.username() for server in servers(folder)] == ["nobody"]
        command.end()
    assert stopped(folder / "h")


@only_root
def test_data_that_belong_to_root(dossier: Path) -> None:
    (dossier / "postgres").mkdir()
    (dossier / "postgres/PG_VERSION").write_text("18\n")
    assert f"refuse {dossier}/postgres, qui est à root" in refusal(dossier)


@only_root
def test_programs_installed_under_a_strict_umask(dossier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (dossier / "wheel/bin").mkdir(parents=True)
    (dossier / "wheel/bin/postgres").touch()
    for path in (dossier / "wheel", dossier / "wheel/bin", dossier / "wheel/bin/postgres"):
        path.chmod(0o700)
    monkeypatch.setattr(embedded, "PROGRAMS", dossier / "wheel/bin")
    (dossier / "h").mkdir(mode=0o700)
    embedded._open_way(dossier / "h", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
    assert (dossier / "wheel/bin/postgres").stat().st_mode & 0o777 == 0o705
    assert (dossier / "wheel/bin").stat().st_mode & 0o777 == 0o705
    assert (dossier / "h").stat().st_mode & 0o777 == 0o710
