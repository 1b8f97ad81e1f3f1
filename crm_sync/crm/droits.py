"""The SQL that gives a migration role, a run-time role and that of the read API the least that each needs: `crm-sync db grants`.

The run-time role reads and writes the mapped columns and our own tables; it makes nothing, owns nothing and deletes nothing
in the CRM. The migration role makes and upgrades our schema. The API's role reads what `lecture.privileges` lists and files
requests. Nothing is executed here.
"""

from collections.abc import Iterator

from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.crm.inventaire import Inventaire, droits_du_schema
from crm_sync.crm.lecture import Privilege, privileges
from crm_sync.crm.lecture import accorder as accorder_lecture
from crm_sync.crm.verification.droits import accorder, lues, ordonnees, sequences
from crm_sync.crm.verification.notre_schema import KPI, NOTRE
from crm_sync.crm.verification.plaintes import Vue, identifiant
from crm_sync.crm.verification.verifier import inventaires_du_crm, vue

ROLE, MIGRATION = "crm_sync", "crm_sync_migration"
ABSENTE = "-- n'existe pas encore : afficher et exécuter ce script à nouveau quand elle y sera."


def script(bases: Bases, role: str = ROLE, migration: str = MIGRATION, api: str | None = None) -> str:
    """Write the script for every database, for `psql`; it may be run again at any time, after `db upgrade` above all.

    `api`: the role of `crm-sync serve`, whose rights are a block of their own at the end; None: the two others only.

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
    services = list({bases.urls[service]: service for service in reversed(SERVICES)}.values())[::-1]
    for service in services:
        lignes += _titre(bases, service, inventaires[service])
        lignes += _base(bases, bases.urls[service], inventaires[service], identifiant(role), identifiant(migration))
    if api is None:
        lignes += ["", "-- L'API de lecture (« crm-sync serve ») a un rôle à elle : --api-role NOM ajoute ses droits."]
        return "\n".join(lignes) + "\n"
    lignes += [
        "",
        "-- L'API de lecture (« crm-sync serve ») : ce rôle lit, et n'écrit que la ligne d'une demande.",
        *_roles(api),
    ]
    for service in services:
        lignes += _titre(bases, service, inventaires[service])
        lignes += _lecture(bases, service, inventaires[service], api)
    return "\n".join(lignes) + "\n"


def _titre(bases: Bases, service: Service, inventaire: Inventaire) -> Iterator[str]:
    yield ""
    yield f"-- Base {bases.lieu(service)}"
    if len(set(bases.urls.values())) > 1:
        yield f"\\connect {identifiant(inventaire.base)}"


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
            yield ABSENTE
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


def _lecture(bases: Bases, service: Service, inventaire: Inventaire, api: str) -> Iterator[str]:
    """Give the rights of the API's role in one database: of what is there, and what is not yet named once."""
    yield f"grant connect on database {identifiant(inventaire.base)} to {identifiant(api)};"
    siens = [privilege for privilege in privileges(bases) if bases.urls[privilege.service] == bases.urls[service]]
    la = set(inventaire.tables)
    for schema in (NOTRE, bases.correspondance.schema_kpi):
        la |= {(schema, objet.nom) for objet in droits_du_schema(bases, service, schema)}
    absents: dict[str, None] = {}
    accordes: dict[str, None] = {}
    for privilege in siens:
        if _existe(privilege, inventaire, la):
            accordes[f"{accorder_lecture(privilege, api).as_string()};"] = None
        else:
            absents[f"-- {privilege.schema}{f'.{privilege.objet}' if privilege.objet else ''}"] = None
    yield from accordes
    for absent in absents:
        yield absent
        yield ABSENTE


def _existe(privilege: Privilege, inventaire: Inventaire, la: set[tuple[str, str]]) -> bool:
    """Tell whether a right can be given: our schema is made by this very script."""
    if privilege.objet is None:
        return privilege.schema == NOTRE or privilege.schema in inventaire.schemas
    return (privilege.schema, privilege.objet) in la
