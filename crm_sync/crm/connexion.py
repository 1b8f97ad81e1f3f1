"""Which database each service has, and how a connection to it is made.

The only place where a driver's error becomes one of ours when connecting. URLs hold passwords: they are never printed,
only `host/database` is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Literal, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

from crm_sync.crm.correspondance import INTEGREE, Correspondance
from crm_sync.crm.listes import TextesDumper
from crm_sync.errors import ConfigurationError, DatabaseUnavailableError, WriteError

Service = Literal["sync", "core", "commercial", "finance"]
SERVICES: tuple[Service, ...] = ("sync", "core", "commercial", "finance")
Connexion = psycopg.Connection[Any]

# A forgotten transaction of somebody else delays us and never the other way round. Our joins are of whole sets, often of
# tables that were filled a moment ago and have no statistics: a hash join is then never far from the best, a nested loop
# may take minutes. Sets fit in memory: a spill to disk would double the time of the KPI. There any page costs what the next
# one costs; without that the planner reads everybody's links to find those of one entity.
REGLAGES = """
set enable_nestloop = off;
set enable_mergejoin = off;
set random_page_cost = 1.1;
set work_mem = '64MB';
set timezone = 'UTC';
set lock_timeout = '10s';
set statement_timeout = '900s';
set idle_in_transaction_session_timeout = '300s';
set datestyle = 'ISO, YMD';
"""


def la_ligne(curseur: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    """Give the row of a statement that always gives one: an aggregate, scalar subqueries, `returning` of one row."""
    ligne: tuple[Any, ...] | None = curseur.fetchone()
    assert ligne is not None  # noqa: S101  the statement says so
    return ligne


@cache
def lieu(url: str) -> str:
    """Name a database without its secrets: `host/database`.

    Raises:
        ConfigurationError: the URL is no `postgresql://` URL.
    """
    try:
        parties = conninfo_to_dict(url) if url.startswith(("postgresql://", "postgres://")) else None
    except psycopg.ProgrammingError:
        parties = None
    if parties is None:
        raise ConfigurationError(
            "Une URL de base de données est mal formée ; attendu : postgresql://utilisateur:motdepasse@hote:5432/base."
        )
    return f"{parties.get('host') or 'localhost'}/{parties.get('dbname') or parties.get('user') or ''}"


def connecter(url: str, *, application: str = "crm_sync", reglages: str = REGLAGES) -> Connexion:
    """Open a connection in autocommit, in UTC; transactions are explicit.

    Raises:
        ConfigurationError: the URL is malformed.
        DatabaseUnavailableError: the database cannot be reached or refuses the log-in.
    """
    ou = lieu(url)
    try:
        connexion = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=application)
    except psycopg.OperationalError as erreur:
        raise DatabaseUnavailableError(
            f"La base de données {ou} ne répond pas ou refuse la connexion ({_cause(erreur)}). "
            "Vérifier l'URL, le mot de passe et que le serveur tourne."
        ) from None
    connexion.adapters.register_dumper(list, TextesDumper)
    connexion.execute(reglages.encode())
    return connexion


def _cause(erreur: psycopg.OperationalError) -> str:
    """Say why in a few words; the driver's own text may name users and hosts, and is in no language of ops."""
    texte = str(erreur).lower()
    causes = (
        ("password", "mot de passe refusé"),
        ("no pg_hba", "accès refusé"),
        ("does not exist", "base ou rôle inconnu"),
        ("name", "hôte inconnu"),
        ("refused", "connexion refusée"),
        ("timeout", "délai dépassé"),
        ("no such file", "serveur arrêté"),
    )
    return next((cause for indice, cause in causes if indice in texte), "connexion impossible")


@contextmanager
def erreurs_traduites(ou: str) -> Iterator[None]:
    """Translate the driver's errors of a block into ours; no value of a row reaches the sentence.

    Raises:
        DatabaseUnavailableError: the connection broke, or a right is missing.
        WriteError: the database refused a statement; `sqlstate` is named.
    """
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as erreur:
        raise DatabaseUnavailableError(
            f"Droit insuffisant sur la base {ou} ({_objet_refuse(erreur)}). "
            "Accorder ce droit au rôle de la synchronisation."
        ) from None
    except psycopg.errors.LockNotAvailable:
        raise WriteError(
            f"Une autre transaction de la base {ou} tient un verrou trop longtemps. Réessayer ; le CRM est inchangé."
        ) from None
    except psycopg.errors.DiskFull:
        raise WriteError(f"Le disque de la base {ou} est plein. Libérer de la place, puis relancer.") from None
    except psycopg.Error as erreur:
        if _est_une_coupure(erreur):
            raise DatabaseUnavailableError(
                f"La connexion à la base {ou} s'est interrompue ({erreur.sqlstate or 'réseau'}). Relancer la synchronisation."
            ) from None
        raise WriteError(
            f"La base {ou} a refusé une instruction (code {erreur.sqlstate or 'inconnu'}, {_objet(erreur)}). "
            "La transaction est annulée. Voir le journal technique."
        ) from None


def _est_une_coupure(erreur: psycopg.Error) -> bool:
    """Tell whether the server went away; other operational errors (a deadlock, a limit) are refusals."""
    if erreur.sqlstate is None:
        return isinstance(erreur, psycopg.OperationalError | psycopg.InterfaceError)
    return erreur.sqlstate.startswith(("08", "57P", "25P03", "53300"))


def _objet_refuse(erreur: psycopg.Error) -> str:
    """Name what a right is missing for: the last word of the server's sentence, and its kind where that is in English."""
    genres = {
        "table": "table",
        "schema": "schéma",
        "sequence": "séquence",
        "database": "base de données",
        "view": "vue",
    }
    genre, nom = "", ""
    for mot in (erreur.diag.message_primary or "").replace('"', "").split():
        genre, nom = nom, mot
    return f"{genres.get(genre, '')} {nom}".strip() or "objet inconnu"


def _objet(erreur: psycopg.Error) -> str:
    """Name the table and constraint of an error: identifiers only, never a value."""
    diag = erreur.diag
    return (
        " ".join(partie for partie in (diag.schema_name, diag.table_name, diag.constraint_name) if partie)
        or "objet inconnu"
    )


@dataclass
class Bases:
    """The databases of one installation, by service; several services may share one.

    A context manager: connections are opened when first asked for, shared by database, and closed at the end. Our own
    schema has a connection to itself, so that a plan is stored while its rows are written.
    `correspondance` says how the CRM's tables are called; `crm` is the same with their real types.
    """

    urls: dict[Service, str]
    correspondance: Correspondance = INTEGREE
    _ouvertes: dict[tuple[bool, str], Connexion] = field(default_factory=dict, repr=False)
    _crm: Correspondance | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"Bases({', '.join(f'{service}={lieu(url)}' for service, url in self.urls.items())})"

    @property
    def crm(self) -> Correspondance:
        """The CRM's tables by entity, with the types that the catalogue says; it is read when first asked for.

        Raises:
            ConfigurationError, DatabaseUnavailableError: see `catalogue.completer`.
        """
        if self._crm is None:
            if self.correspondance.integree:
                self._crm = self.correspondance
            else:
                from crm_sync.crm import catalogue

                self._crm = catalogue.completer(self, self.correspondance)
        return self._crm

    def connexion(self, service: Service) -> Connexion:
        """Give this service's connection, opened if it is not or no longer is.

        Raises:
            ConfigurationError, DatabaseUnavailableError: see `connecter`.
        """
        url = self.urls[service]
        cle = service == "sync", url
        connexion = self._ouvertes.get(cle)
        if connexion is None or connexion.closed:
            connexion = self._ouvertes[cle] = connecter(url)
        return connexion

    @contextmanager
    def transaction(self, service: Service) -> Iterator[Connexion]:
        """Open a transaction in this service's database; what goes wrong in it is said of that database.

        Raises:
            DatabaseUnavailableError, WriteError: see `erreurs_traduites`.
        """
        with self.lecture(service) as connexion, connexion.transaction():
            yield connexion

    @contextmanager
    def lecture(self, service: Service) -> Iterator[Connexion]:
        """Give this service's connection for reads that stand alone; what goes wrong is said of that database.

        Raises:
            DatabaseUnavailableError, WriteError: see `erreurs_traduites`.
        """
        connexion = self.connexion(service)
        with erreurs_traduites(self.lieu(service)):
            yield connexion

    def lieu(self, service: Service) -> str:
        """Name this service's database without its secrets."""
        return lieu(self.urls[service])

    def close(self) -> None:
        """Close what was opened."""
        while self._ouvertes:
            self._ouvertes.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
