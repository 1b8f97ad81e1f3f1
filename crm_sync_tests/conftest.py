"""What tests share: one real Postgres, a migrated template cloned per test, a source whose answer a test decides."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from crm_sync.crm import schema
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.embedded import ServeurEmbarque, serveur_embarque
from crm_sync_tests.crm_existants.fixtures import SERVEURS, crm_prisma, crm_typeorm, postgres_15, serveur

__all__ = ["crm_prisma", "crm_typeorm", "postgres_15", "serveur"]

MODELE = "modele"

settings.register_profile("crm_sync", deadline=None)  # machines are shared: how long an example takes proves nothing
settings.load_profile("crm_sync")
os.environ.pop("PYTHONUNBUFFERED", None)  # a person's shell has none: what a command does not flush nobody reads


def dossier_court() -> Path:
    """Give where a server's folder may lie: a short path for its socket, in memory where there is room."""
    memoire = Path("/dev/shm")  # noqa: S108  a TemporaryDirectory is made in it
    en_memoire = memoire.is_dir() and os.access(memoire, os.W_OK) and shutil.disk_usage(memoire).free > 2**31
    return memoire if en_memoire else Path(tempfile.gettempdir())


def pytest_report_header() -> str:
    """Say which Postgres servers the session plays on."""
    absent = "" if "debian_15" in SERVEURS else " (sans le paquet postgresql-15, rien n'est essayé sur Postgres 15)"
    return f"Postgres : {', '.join(SERVEURS)}{absent}"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeurEmbarque]:
    """One server for the session; its folder has a short path, for the socket's sake."""
    with (
        tempfile.TemporaryDirectory(prefix="cs", dir=dossier_court()) as dossier,
        serveur_embarque(Path(dossier), (MODELE, "outils")) as serveur,
    ):
        bases = Bases(dict.fromkeys(SERVICES, serveur.url(MODELE)))
        schema.mettre_a_jour(bases)
        bases.close()  # a template that somebody uses cannot be cloned
        yield serveur


@dataclass
class Base:
    """A migrated database of one test."""

    url: str

    def lire(self, requete: str, *parametres: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connexion:
            curseur = connexion.execute(requete, parametres or None)
            return curseur.fetchall() if curseur.description else []

    def valeur(self, requete: str, *parametres: Any) -> Any:
        return self.lire(requete, *parametres)[0][0]

    def bases(self) -> Bases:
        return Bases(dict.fromkeys(SERVICES, self.url))

    def empreinte_crm(self) -> list[tuple[Any, ...]]:
        """Give the version of every row of the CRM: equal before and after means that nothing was written."""
        tables = (
            "service_core.utilisateur",
            "service_core.client_base",
            "service_commercial.apporteur",
            "service_commercial.contrat",
            "service_finance.information_paiement_bancaire",
        )
        return [
            (table, *ligne)
            for table in tables
            for ligne in self.lire(f"select id::text, xmin::text, ctid::text from {table} order by 1")  # noqa: S608
        ]


@pytest.fixture
def base(postgres: ServeurEmbarque) -> Iterator[Base]:
    """A fresh migrated database, cloned from the template and dropped at the end."""
    nom = f"essai_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.url("outils"), autocommit=True) as outils:
        outils.execute(sql.SQL("create database {} template {}").format(sql.Identifier(nom), sql.Identifier(MODELE)))
        yield Base(postgres.url(nom))
        outils.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(nom)))


Repondeur = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class SourceEssai:
    """A real HTTP server on loopback whose next answers a test decides."""

    url: str = ""
    corps: bytes = b"[]"
    statut: int = 200
    entetes: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    repondeur: Repondeur | None = None
    demandes: list[dict[str, str]] = field(default_factory=list)

    def donner(self, prospects: Any) -> None:
        """Answer with these prospects from now on."""
        self.corps = json.dumps(prospects, ensure_ascii=False).encode()
        self.statut = 200
        self.repondeur = None


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceEssai]:
    """The endpoint, as EXTERNAL_API_URL names it during the test."""
    essai = SourceEssai()

    class Reponse(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            essai.demandes.append(dict(self.headers.items()))
            if essai.repondeur is not None:
                essai.repondeur(self)
                return
            self.send_response(essai.statut)
            for nom, valeur in essai.entetes.items():
                self.send_header(nom, valeur)
            self.send_header("Content-Length", str(len(essai.corps)))
            self.end_headers()
            self.wfile.write(essai.corps)

        def log_message(self, *_args: Any) -> None: ...

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Reponse)
    serveur.daemon_threads = True
    fil = Thread(target=serveur.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    fil.start()
    essai.url = f"http://127.0.0.1:{serveur.server_port}/prospects"
    monkeypatch.setenv("EXTERNAL_API_URL", essai.url)
    monkeypatch.setenv("CRM_SYNC_ESSAIS", "1")
    yield essai
    serveur.shutdown()
    serveur.server_close()
    fil.join()


@pytest.fixture(autouse=True)
def sans_environnement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the developer's variables or `.env`."""
    for nom in list(os.environ):
        if nom.startswith(("CRM_", "EXTERNAL_API_", "DAGSTER_")):
            monkeypatch.delenv(nom)
    monkeypatch.chdir(tmp_path)
