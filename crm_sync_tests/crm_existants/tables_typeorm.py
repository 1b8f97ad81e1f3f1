"""Where the TypeORM CRM keeps what `lignes.py` says: its three databases, its words, its required columns."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from psycopg import sql

from crm_sync.crm.connexion import Service
from crm_sync_tests.crm_existants import foule
from crm_sync_tests.crm_existants.equipe import APPORTEURS
from crm_sync_tests.crm_existants.lignes import ANCIEN, TOUCHE, Lignes, Remplissage

ORGANISATION = "0b7c0c5e-6a41-4f5e-9d27-3c1f5d0e8a10"
ROLES = {"commercial": "SALES", "manager": "TEAM_LEAD", "admin": "ADMIN", "autre": "SUPPORT"}
STATUTS = {
    "en_attente": "PENDING",
    "signe": "SIGNED",
    "valide": "VALIDATED",
    "annule": "CANCELLED",
    "resilie": "TERMINATED",
    "autre": "ON_HOLD",
    "inconnu": "DRAFT",
}
PARIS = ZoneInfo("Europe/Paris")


def identifiant(entite: str, cle: str, _rang: int) -> str:
    """Give the uuid of a row; `perdu` is one that no row has."""
    return str(uuid5(NAMESPACE_URL, f"{entite}:{cle}"))


def _de(entite: str, cle: str | None) -> str | None:
    return None if cle is None else identifiant(entite, cle, 0)


def _mural(instant: datetime | None, fuseau: ZoneInfo) -> datetime | None:
    """Give what a `timestamp` without zone holds of an instant on a server of that zone."""
    return None if instant is None else instant.astimezone(fuseau).replace(tzinfo=None)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def remplir(lignes: Lignes) -> Iterator[Remplissage]:
    """Give the rows of every table, those that others point at first."""
    yield Remplissage("core", ("public", "organizations"), ("id", "name"), [(ORGANISATION, "Télécoms du Parc")])
    yield _users(lignes)
    yield _clients(lignes)
    yield Remplissage(
        "commercial",
        ("public", "brokers"),
        ("id", "userId", "lastName", "firstName", "email", "phone", "organizationId", "createdAt", "updatedAt"),
        [
            (
                _de("apporteur", a.cle),
                _de("utilisateur", a.utilisateur),
                a.nom,
                a.prenom,
                a.email,
                a.telephone,
                ORGANISATION,
                _utc(ANCIEN),
                _utc(TOUCHE),
            )
            for a in lignes.apporteurs
        ],
    )
    yield _contracts(lignes)


def _users(lignes: Lignes) -> Remplissage:
    colonnes = (
        *("id", "email", "lastName", "firstName", "mobilePhone", "role", "isActive", "passwordHash", "managerId"),
        *("organizationId", "createdAt", "updatedAt", "version"),
    )
    valeurs: list[tuple[Any, ...]] = [
        (
            *(_de("utilisateur", u.cle), u.email, u.nom, u.prenom, u.telephone, ROLES[u.role], u.actif, "$argon2id$x"),
            *(_de("utilisateur", u.manager), ORGANISATION, ANCIEN, TOUCHE, 1),
        )
        for u in lignes.utilisateurs
    ]
    return Remplissage("core", ("public", "users"), colonnes, valeurs)


def _clients(lignes: Lignes) -> Remplissage:
    colonnes = (
        *("id", "lastName", "firstName", "email", "phoneNumber", "addressLine", "kind", "status", "organizationId"),
        *("createdAt", "updatedAt", "deletedAt", "version"),
    )
    valeurs: list[tuple[Any, ...]] = [
        (
            *(_de("client", c.cle), c.nom, c.prenom, c.email, c.telephone, c.adresse, "PERSON", "ACTIVE", ORGANISATION),
            *(_utc(c.cree_le), _utc(c.modifie_le), _utc(c.modifie_le) if c.supprime else None, 3),
        )
        for c in lignes.clients
    ]
    return Remplissage("core", ("public", "clients"), colonnes, valeurs)


def _contracts(lignes: Lignes) -> Remplissage:
    colonnes = (
        *("id", "contractReference", "status", "amount", "signedAt", "clientId", "brokerId", "organizationId"),
        *("channel", "imported", "createdAt", "updatedAt", "deletedAt", "version"),
    )
    valeurs: list[tuple[Any, ...]] = [
        (
            *(_de("contrat", c.reference), c.reference, STATUTS[c.statut], c.montant, _mural(c.signe_le, PARIS)),
            *(_de("client", c.client), _de("apporteur", c.apporteur), ORGANISATION),
            *("IMPORT" if c.importe else "STORE", c.importe),
            *(ANCIEN, c.modifie_le, c.modifie_le if c.supprime else None, 2),
        )
        for c in lignes.contrats
    ]
    return Remplissage("commercial", ("public", "contracts"), colonnes, valeurs)


FOULE: tuple[tuple[Service, sql.Composable], ...] = (
    (
        "core",
        sql.SQL("""
insert into public.clients (
    id, "lastName", "firstName", email, "phoneNumber", "addressLine", kind, status, "organizationId",
    "createdAt", "updatedAt", "deletedAt", version
)
""")
        + foule.PERSONNES
        + sql.SQL("""
select md5('foule:client:' || i)::uuid, nom, prenom, email, telephone, adresse, 'PERSON', 'ACTIVE', {}::uuid,
    cree_le, cree_le, case when supprime then cree_le end, 1
from personnes
""").format(sql.Literal(ORGANISATION)),
    ),
    (
        "commercial",
        sql.SQL("""
insert into public.contracts (
    id, "contractReference", status, amount, "signedAt", "clientId", "brokerId", "organizationId", channel, imported,
    "createdAt", "updatedAt", "deletedAt", version
)
""")
        + foule.CONTRATS
        + sql.SQL("""
select md5('foule:contrat:' || k)::uuid, reference, ({statuts}::jsonb ->> statut)::contracts_status_enum, montant,
    signe_le,
    case when not sans_client then md5(case when perdu then 'perdu:' else 'foule:client:' end || client)::uuid end,
    case when not sans_client then ({apporteurs}::jsonb ->> apporteur)::uuid end,
    {organisation}::uuid, case when importe then 'IMPORT' else 'STORE' end::contracts_channel_enum, importe,
    signe_le, signe_le, case when supprime then signe_le end, 1
from contrats
""").format(
            statuts=sql.Literal(json.dumps(STATUTS)),
            apporteurs=sql.Literal(json.dumps({a.cle: _de("apporteur", a.cle) for a in APPORTEURS})),
            organisation=sql.Literal(ORGANISATION),
        ),
    ),
)
"""The crowd's insertions, by service."""
