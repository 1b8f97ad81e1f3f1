"""Debian's Postgres 15 for a test session: over TCP on loopback, with a password (scram), as an ordinary OS user.

Where the package `postgresql-15` is not installed there is none, and the tests that are played on both servers are played
on the embedded one alone, which the head of pytest's report says. CRM_SYNC_TESTS_POSTGRES_15=1 makes its absence an error.
"""

import os
import pwd
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, run

PROGRAMMES = Path("/usr/lib/postgresql/15/bin")
EXIGE = os.environ.get("CRM_SYNC_TESTS_POSTGRES_15") == "1"
PRESENT = EXIGE or (PROGRAMMES / "postgres").is_file()
REGLAGES = (
    "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off "
    "-c full_page_writes=off -c max_connections=100 -c timezone=Europe/Paris"
)
ESSAIS = 5


@dataclass(frozen=True)
class Serveur15:
    """A running server; its superuser is `admin`."""

    port: int
    mot_de_passe: str

    def url(self, base: str) -> str:
        """Give the URL of a database, password included."""
        return f"postgresql://admin:{self.mot_de_passe}@127.0.0.1:{self.port}/{base}"


@contextmanager
def serveur_15(parent: Path) -> Iterator[Serveur15]:
    """Start a server in a temporary folder under `parent`, yield it, stop it.

    Under root it runs as the OS user `postgres` of Debian's package.

    Raises:
        FileNotFoundError: postgresql-15 is not installed.
        CalledProcessError: it does not start, on any of several free ports.
    """
    if not (PROGRAMMES / "postgres").is_file():
        raise FileNotFoundError(f"{PROGRAMMES}/postgres : apt-get install postgresql-15")
    compte = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="cs15", dir=parent) as nom:
        dossier = Path(nom)
        serveur = Serveur15(0, secrets.token_hex(16))
        (dossier / "mot_de_passe").write_text(serveur.mot_de_passe)
        if compte:
            for chemin in (dossier, dossier / "mot_de_passe"):
                os.chown(chemin, compte.pw_uid, compte.pw_gid)
        _lancer(dossier, compte, "initdb", *_creation(dossier))
        for essai in range(1, ESSAIS + 1):
            serveur = Serveur15(_port_libre(), serveur.mot_de_passe)
            options = f"{REGLAGES} -c port={serveur.port}"
            if _lancer(dossier, compte, "pg_ctl", "start", "-w", "-o", options, juger=essai == ESSAIS):
                break
        try:
            yield serveur
        finally:
            _lancer(dossier, compte, "pg_ctl", "stop", "-w", "-m", "immediate")


def _creation(dossier: Path) -> tuple[str, ...]:
    return (
        *("--username=admin", f"--pwfile={dossier / 'mot_de_passe'}", "--auth=scram-sha-256", "--no-sync"),
        *("--encoding=UTF8", "--locale=C.UTF-8"),
    )


def _lancer(dossier: Path, compte: pwd.struct_passwd | None, programme: str, *options: str, juger: bool = True) -> bool:
    """Run a program of the package to its end and say whether it did what it should."""
    resultat = run(
        [PROGRAMMES / programme, "-D", dossier / "donnees", *options]
        + (["-l", str(dossier / "journal")] if programme == "pg_ctl" else []),
        cwd=dossier,
        env={"LC_ALL": "C", "PATH": os.defpath},
        stdin=DEVNULL,
        stdout=DEVNULL,  # a pipe would stay open in the server that pg_ctl leaves behind
        stderr=DEVNULL,
        check=juger,
        timeout=60,
        user=compte.pw_uid if compte else None,
        group=compte.pw_gid if compte else None,
        extra_groups=[] if compte else None,
    )
    return resultat.returncode == 0


def _port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port: int = prise.getsockname()[1]
        return port
