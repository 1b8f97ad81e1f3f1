"""The state of our tables: which revision each part is at, and the way to the latest.

Each part has its own branch of migrations: `sync` (our schema), one per service for what is ours there, and `crm_…` per service
for the built-in tables of the CRM, which run only where there is no CRM of its own (`CRM_MAPPING`). A service's parts run in its
database. One database or four makes no difference: each holds the revisions of the parts that live there.
"""

import re
from pathlib import Path

import psycopg

from crm_sync.crm import kpi, kpi_pour, origine
from crm_sync.crm.connexion import SERVICES, Bases, Connexion, Service, erreurs_traduites
from crm_sync.errors import ConfigurationError

DOSSIER = Path(__file__).parent / "migrations"
VERROU_MIGRATION = 7_341_227
NUMERO = re.compile(r"(\w+?)_(\d+)")


def revisions() -> dict[str, list[str]]:
    """Give the revisions that this code knows, by part, oldest first; a file is named after its revision."""
    connues: dict[str, list[str]] = {}
    for fichier in sorted((DOSSIER / "versions").glob("*.py")):
        connues.setdefault(fichier.stem.rsplit("_", 1)[0], []).append(fichier.stem)
    return connues


def etat(connexion: Connexion) -> set[str]:
    """Give the revisions that a database is at; empty where nothing of ours is there."""
    try:
        return {ligne[0] for ligne in connexion.execute("select version_num from crm_sync.alembic_version")}
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return set()


def parties(bases: Bases, service: Service) -> tuple[str, ...]:
    """Name the parts that live in a service's database."""
    return (service, f"crm_{service}") if bases.correspondance.integree and service != "sync" else (service,)


def a_jour(bases: Bases) -> bool:
    """Tell whether every part is at its latest revision.

    Raises:
        ConfigurationError, DatabaseUnavailableError: see `mettre_a_jour`.
    """
    connues = revisions()
    return (
        all(_a_jour(bases, service, connues) for service in SERVICES)
        and kpi.en_place(bases)
        and kpi_pour.en_place(bases)
    )


def mettre_a_jour(bases: Bases) -> list[str]:
    """Bring every part to its latest revision; gives the services that moved. Safe to call at every start, and by two at once.

    Raises:
        ConfigurationError: a database is ahead of this code, or the CRM is not as the mapping says, or not the one that our
            links are of.
        DatabaseUnavailableError: it cannot be reached, or lacks a right.
    """
    _ = bases.crm  # said before anything of ours is made beside it
    connues = revisions()
    retard = [service for service in SERVICES if not _a_jour(bases, service, connues)]
    for service in retard:
        _migrer(bases, service)
    if not kpi.en_place(bases):
        kpi.creer(bases)
    if not kpi_pour.en_place(bases):
        kpi_pour.creer(bases)
    origine.verifier(bases)
    return list(retard)


def _a_jour(bases: Bases, service: Service, connues: dict[str, list[str]]) -> bool:
    with erreurs_traduites(bases.lieu(service)):
        en_place = etat(bases.connexion(service))
    for revision in en_place:
        partie = revision.rsplit("_", 1)[0]
        if revision not in connues.get(partie, ()):
            raise ConfigurationError(
                f"La base {bases.lieu(service)} est à la révision {revision}, plus récente que ce programme. "
                "Mettre crm_sync à jour avant de relancer ; rien n'a été lu ni écrit."
            )
    return all(connues[partie][-1] in en_place for partie in parties(bases, service))


def _migrer(bases: Bases, service: Service) -> None:
    """Run Alembic for one part; two processes at once take turns."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, pool
    from sqlalchemy.exc import StatementError

    url = bases.urls[service]
    moteur = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(url, application_name="crm_sync"),
        poolclass=pool.NullPool,
    )
    config = Config()
    config.set_main_option("script_location", str(DOSSIER))
    garde = bases.connexion(service)
    with erreurs_traduites(bases.lieu(service)):
        garde.execute("select pg_advisory_lock(%s)", (VERROU_MIGRATION,))
        try:
            garde.execute("create schema if not exists crm_sync")
            with moteur.begin() as connexion:
                config.attributes["connection"] = connexion
                for partie in parties(bases, service):
                    command.upgrade(config, f"{partie}@head")
        except StatementError as erreur:
            if isinstance(erreur.orig, psycopg.Error):
                raise erreur.orig from None
            raise
        finally:
            garde.execute("select pg_advisory_unlock(%s)", (VERROU_MIGRATION,))
