"""The SQL that gives a migration role and a run-time role the least that each needs: `crm-sync db grants`.

The run-time role reads and writes the mapped columns and our own tables; it makes nothing, owns nothing and deletes nothing
in the CRM. The migration role makes and upgrades our schema. Nothing is executed here.
"""

from collections.abc import Iterator

from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.crm.inventaire import Inventaire
from crm_sync.crm.verification.droits import accorder, lues, ordonnees, sequences
from crm_sync.crm.verification.notre_schema import KPI, NOTRE
from crm_sync.crm.verification.plaintes import Vue, identifiant
from crm_sync.crm.verification.verifier import inventaires_du_crm, vue

ROLE, MIGRATION = "crm_sync", "crm_sync_migration"


def script(bases: Bases, role: str = ROLE, migration: str = MIGRATION) -> str:
    """Write the script for every database, for `psql`; it may be run again at any time, after `db upgrade` above all.

    Raises:
        ConfigurationError, DatabaseUnavailableError: a database cannot be reached.
    """
    inventaires = inventaires_du_crm(bases)
    lignes = [
        "-- Les droits de crm_sync, les moindres. À exécuter par un administrateur de la base, avec psql.",
        "-- 1. Ce script. 2. « crm-sync db upgrade » avec l'URL du rôle de migration. 3. Ce script à nouveau :",
        "--    affiché et exécuté, il accorde ce que l'étape 2 a créé. Puis « crm-sync sync », avec l'URL de l'autre rôle.",
        "-- Les mots de passe ne sont pas ici : alter role … password '…'.",
        *_roles(role, migration),
    ]
    vues: set[str] = set()
    for service in SERVICES:
        url = bases.urls[service]
        if url not in vues:
            vues.add(url)
            lignes += ["", f"-- Base {bases.lieu(service)}"]
            lignes += (
                [f"\\connect {identifiant(inventaires[service].base)}"] if len(set(bases.urls.values())) > 1 else []
            )
            lignes += _base(bases, url, inventaires[service], identifiant(role), identifiant(migration))
    return "\n".join(lignes) + "\n"


def _roles(*noms: str) -> Iterator[str]:
    for nom in noms:
        texte = "'" + nom.replace("'", "''") + "'"
        creer = f"create role {identifiant(nom)} login nosuperuser nocreatedb nocreaterole"
        absent = f"not exists (select from pg_roles where rolname = {texte})"
        yield f"do $$ begin if {absent} then {creer}; end if; end $$;"


def _base(bases: Bases, url: str, inventaire: Inventaire, role: str, migration: str) -> Iterator[str]:
    nom = identifiant(inventaire.base)
    yield f"grant connect, create on database {nom} to {migration};"
    yield f"grant connect, temporary on database {nom} to {role};"
    yield "-- Notre schéma, celui-ci et ce que les mises à niveau y ajouteront."
    yield f"create schema if not exists {NOTRE} authorization {migration};"
    yield f"grant usage on schema {NOTRE} to {role};"
    yield f"grant select, insert, update, delete on all tables in schema {NOTRE} to {role};"
    yield f"grant usage, select on all sequences in schema {NOTRE} to {role};"
    for quoi in ("select, insert, update, delete on tables", "usage, select on sequences"):
        yield f"alter default privileges for role {migration} in schema {NOTRE} grant {quoi} to {role};"
    for crm in bases.correspondance.values():
        if bases.urls[crm.service] != url:
            continue
        yield f"-- {crm.schema}.{crm.table}"
        regardee = vue(bases, crm, inventaire)
        if regardee is None:
            yield "-- n'existe pas encore : afficher et exécuter ce script à nouveau quand elle y sera."
            continue
        yield from _table(regardee, role)
    if bases.correspondance.integree and bases.urls["commercial"] == url and "service_commercial" in inventaire.schemas:
        yield "-- L'indicateur, remplacé à chaque synchronisation."
        noms = ", ".join(identifiant("service_commercial", nom) for nom in KPI)
        yield f"grant select, insert, update, delete on {noms} to {role};"


def _table(vue: Vue, role: str) -> Iterator[str]:
    yield f"grant usage on schema {identifiant(vue.crm.schema)} to {role};"
    for droit, colonnes in (
        ("select", lues(vue)),
        ("insert", ordonnees(vue, vue.inserees())),
        ("update", ordonnees(vue, vue.modifiees())),
    ):
        if colonnes:
            yield f"{accorder(droit, colonnes, vue, role)};"
    for sequence, _ in sequences(vue):
        yield f"grant usage on sequence {identifiant(*sequence)} to {role};"
    if vue.entite != "utilisateur":
        yield f"-- Pour « crm-sync undo » seulement : grant delete on {vue.nom_sql} to {role};"
