"""Where the Prisma CRM keeps what `lignes.py` says: its schemas, its words, its required columns, integer ids."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from psycopg import sql

from crm_sync.crm.connexion import Service
from crm_sync_tests.crm_existants import foule
from crm_sync_tests.crm_existants.equipe import APPORTEURS
from crm_sync_tests.crm_existants.lignes import ANCIEN, PERDU, TOUCHE, Lignes, Remplissage

AGENCE = 1
NULLE_PART = 987_654_321
"""An id that no row has: where a `client_id` that leads nowhere points."""
DEBUT_DE_FOULE = 1_000_000
"""The ids of the crowd come after it, and after them their sequences go on."""
ROLES = {"commercial": "COMMERCIAL", "manager": "RESPONSABLE", "admin": "ADMINISTRATEUR", "autre": "COMPTABLE"}
STATUTS = {
    "en_attente": "en cours",
    "signe": "SIGNE",
    "valide": "VALIDE",
    "annule": "CLOS",
    "resilie": "CLOS",
    "autre": "A_QUALIFIER",
    "inconnu": "A_QUALIFIER",
}
SEQUENCES = (
    "core.agences",
    "core.utilisateurs",
    "core.clients",
    "commercial.apporteurs",
    "commercial.contrats",
    "finance.comptes_bancaires",
)


def identifiant(_entite: str, cle: str, rang: int) -> str:
    """Give the id of a row: its position; `perdu` is one that no row has."""
    return str(NULLE_PART if cle == PERDU else rang)


def _utc(instant: datetime | None) -> datetime | None:
    """Give what Prisma writes into a `timestamp(3)`: UTC."""
    return None if instant is None else instant.replace(tzinfo=None)


_DATES = (_utc(ANCIEN), _utc(TOUCHE))


def remplir(lignes: Lignes) -> Iterator[Remplissage]:
    """Give the rows of every table, those that others point at first."""
    rangs = {(entite, cle): rang for entite, cle, rang in lignes.cles()} | {("client", PERDU): NULLE_PART}

    def de(entite: str, cle: str | None) -> int | None:
        return None if cle is None else rangs[entite, cle]

    yield Remplissage(
        "core",
        ("core", "agences"),
        ("id", "code", "nom", "updated_at"),
        [(AGENCE, "PARC", "Télécoms du Parc", _utc(TOUCHE))],
    )
    colonnes = (
        *("id", "email", "nom", "prenom", "telephone", "role", "mot_de_passe", "actif", "responsable_id", "agence_id"),
        *("created_at", "updated_at"),
    )
    valeurs: list[tuple[Any, ...]] = [
        (
            *(de("utilisateur", u.cle), u.email, u.nom, u.prenom, u.telephone, ROLES[u.role], "$argon2id$x", u.actif),
            *(de("utilisateur", u.manager), AGENCE, *_DATES),
        )
        for u in lignes.utilisateurs
    ]
    yield Remplissage("core", ("core", "utilisateurs"), colonnes, valeurs)
    yield _clients(lignes)
    yield Remplissage(
        "commercial",
        ("commercial", "apporteurs"),
        ("id", "utilisateur_id", "nom", "prenom", "email", "telephone", "created_at", "updated_at"),
        [
            (rang, de("utilisateur", a.utilisateur), a.nom, a.prenom, a.email, a.telephone, *_DATES)
            for rang, a in enumerate(lignes.apporteurs, start=1)
        ],
    )
    yield _contrats(lignes, de)
    yield Remplissage(
        "finance",
        ("finance", "comptes_bancaires"),
        ("client_id", "iban", "bic", "mode", "created_at", "updated_at"),
        [(de("client", c.client), c.iban, c.bic, "VIREMENT", *_DATES) for c in lignes.comptes],
    )


def _clients(lignes: Lignes) -> Remplissage:
    colonnes = (
        *("id", "nom", "prenom", "mail", "portable", "adresse", "origine", "agence_id", "revision"),
        *("archive_le", "created_at", "updated_at"),
    )
    valeurs: list[tuple[Any, ...]] = [
        (
            *(rang, c.nom, c.prenom, c.email, c.telephone, c.adresse, "SAISIE", AGENCE, 3),
            *(_utc(c.modifie_le) if c.supprime else None, _utc(c.cree_le), _utc(c.modifie_le)),
        )
        for rang, c in enumerate(lignes.clients, start=1)
    ]
    return Remplissage("core", ("core", "clients"), colonnes, valeurs)


def _contrats(lignes: Lignes, de: Callable[[str, str | None], int | None]) -> Remplissage:
    """Give the contracts; a broker is required here, so their importer puts its own where it knows none."""
    colonnes = (
        *(
            "id",
            "numero",
            "statut",
            "statut_origine",
            "montant_ttc",
            "signe_le",
            "client_id",
            "apporteur_id",
            "canal",
            "revision",
        ),
        *("supprime_le", "created_at", "updated_at"),
    )
    valeurs: list[tuple[Any, ...]] = [
        (
            *(
                rang,
                c.reference,
                STATUTS[c.statut],
                c.statut_source,
                c.montant,
                _utc(c.signe_le),
                de("client", c.client),
            ),
            *(de("apporteur", c.apporteur or "import"), "import" if c.importe else "boutique", 2),
            *(_utc(c.modifie_le) if c.supprime else None, _utc(ANCIEN), _utc(c.modifie_le)),
        )
        for rang, c in enumerate(lignes.contrats, start=1)
    ]
    return Remplissage("commercial", ("commercial", "contrats"), colonnes, valeurs)


FOULE: tuple[tuple[Service, sql.Composable], ...] = (
    (
        "core",
        sql.SQL("""
insert into core.clients (
    id, nom, prenom, mail, portable, adresse, origine, agence_id, archive_le, created_at, updated_at
)
""")
        + foule.PERSONNES
        + sql.SQL("""
select {debut} + i, nom, prenom, email, telephone, adresse, 'SITE', {agence}, case when supprime then cree_le end,
    cree_le, cree_le
from personnes
""").format(debut=sql.Literal(DEBUT_DE_FOULE), agence=sql.Literal(AGENCE)),
    ),
    (
        "commercial",
        sql.SQL("""
insert into commercial.contrats (
    id, numero, statut, montant_ttc, signe_le, client_id, apporteur_id, canal, supprime_le, created_at, updated_at
)
""")
        + foule.CONTRATS
        + sql.SQL("""
select {debut} + k, reference, ({statuts}::jsonb ->> statut)::commercial.statut_contrat, montant, signe_le,
    case when not sans_client then case when perdu then {perdu} else {debut} end + client end,
    ({apporteurs}::jsonb ->> case when sans_client then 'import' else apporteur end)::integer,
    case when importe then 'import' else 'boutique' end,
    case when supprime then signe_le end, signe_le, signe_le
from contrats
""").format(
            debut=sql.Literal(DEBUT_DE_FOULE),
            statuts=sql.Literal(json.dumps(STATUTS)),
            perdu=sql.Literal(NULLE_PART),
            apporteurs=sql.Literal(json.dumps({a.cle: rang for rang, a in enumerate(APPORTEURS, start=1)})),
        ),
    ),
)
"""The crowd's insertions, by service."""
