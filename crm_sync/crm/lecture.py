"""What is read for people, and nothing more: the columns, the connections that can only read, and the rights that it takes.

The read API and `crm_sync.kpi_pour` stand on these relations. A column that is not in `LUS` is not named in any of their
statements, so a database role needs no right to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from select import POLLIN, poll
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import sql
from psycopg.adapt import Loader
from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases, Connexion, Service, connecter, erreurs_traduites
from crm_sync.crm.correspondance import CHAMPS_CRM, Correspondance
from crm_sync.crm.relations import relation
from crm_sync.crm.requetes import requete

LUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "utilisateur": ("id", "nom", "prenom", "role", "manager_id", "actif"),
        "client": (
            "id",
            "nom",
            "prenom",
            "email",
            "telephone",
            "statut",
            "identity_card",
            "created_at",
            "updated_at",
        ),
        "apporteur": ("id", "utilisateur_id", "nom", "prenom"),
        "contrat": tuple(CHAMPS_CRM["contrat"]),
        "information_paiement": ("id", "client_id", "iban"),
    }
)
"""Entity → the fields that are read for people."""

KPI = ("kpi_contrats_par_commercial", "kpi_contrats_par_mois")
NOTRES: Mapping[Service, tuple[str, ...]] = MappingProxyType(
    {
        "sync": (
            "alembic_version",
            "lien",
            "client_tenu",
            "clients",
            "absence",
            "reponse",
            "prospect_brut",
            "prospect_presence",
            "journal",
            "doublon_possible",
            "synchronisation",
            "demande_sync",
        ),
        "core": ("alembic_version",),
        "commercial": ("alembic_version", "contrat_vente"),
        "finance": ("alembic_version",),
    }
)
"""Service → the relations of our own schema that are read there."""

REGLAGES = """
set default_transaction_read_only = on;
set timezone = 'UTC';
set datestyle = 'ISO, YMD';
set statement_timeout = '15s';
set jit = off;
set max_parallel_workers_per_gather = 0;
set work_mem = '32MB';
set lock_timeout = '5s';
set idle_in_transaction_session_timeout = '30s';
"""


@dataclass(frozen=True, slots=True)
class Privilege:
    """One right that reading takes; `colonnes` None: the whole relation."""

    service: Service
    droit: str
    schema: str
    objet: str | None
    colonnes: tuple[str, ...] | None = None


def privileges(bases: Bases) -> Iterator[Privilege]:
    """Give the rights that the read API needs, as `crm-sync db grants` prints them; `objet` None is the schema itself."""
    crm = bases.correspondance
    service_kpi = crm.service_kpi
    schemas: dict[tuple[Service, str], None] = {(service, "crm_sync"): None for service in NOTRES}
    schemas |= {(table.service, table.schema): None for table in crm.values()}
    schemas[service_kpi, crm.schema_kpi] = None
    for service, schema in schemas:
        yield Privilege(service, "usage", schema, None)
    for service, noms in NOTRES.items():
        for nom in noms:
            yield Privilege(service, "select", "crm_sync", nom)
    for nom in KPI:
        yield Privilege(service_kpi, "select", crm.schema_kpi, nom)
    for entite, table in crm.items():
        colonnes = [table.colonnes[champ] for champ in LUS[entite] if table.a(champ)]
        supprime = [table.deleted_at] if table.deleted_at else []
        yield Privilege(table.service, "select", table.schema, table.table, (*colonnes, *supprime))
    yield Privilege("sync", "insert", "crm_sync", "demande_sync", ("id", "demande_par"))


def accorder(privilege: Privilege, role: str) -> sql.Composed:
    """Write a right as a GRANT."""
    if privilege.objet is None:
        return sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(privilege.schema), sql.Identifier(role))
    colonnes = (
        sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, privilege.colonnes)))
        if privilege.colonnes
        else sql.SQL("")
    )
    return sql.SQL("grant {}{} on {} to {}").format(
        sql.SQL(privilege.droit),
        colonnes,
        sql.Identifier(privilege.schema, privilege.objet),
        sql.Identifier(role),
    )


class _Instant(Loader):
    """Read an instant (UTC) as ISO 8601 text; what ISO has no word for (infinity, BC, after the year 9999) is None."""

    def load(self, data: Any) -> str | None:
        texte = bytes(data).decode()
        if not texte[:4].isdigit() or texte[4:5] != "-" or texte.endswith("BC"):
            return None
        return texte.replace(" ", "T", 1).replace("+00", "+00:00")


class _Jour(Loader):
    """Read a date as ISO 8601 text, with the same exceptions."""

    def load(self, data: Any) -> str | None:
        texte = bytes(data).decode()
        return texte if texte[:4].isdigit() and texte[4:5] == "-" and not texte.endswith("BC") else None


@dataclass
class BasesEnLecture(Bases):
    """The databases for who only reads: one connection per database, read only, ordinary joins; instants come as ISO text."""

    def connexion(self, service: Service) -> Connexion:
        """Give this service's connection, opened if it is not, or if the server has closed it meanwhile.

        Raises:
            ConfigurationError, DatabaseUnavailableError: see `connecter`.
        """
        url = self.urls[service]
        connexion = self._ouvertes.get((False, url))
        if connexion is None or _perdue(connexion):
            connexion = self._ouvertes[False, url] = connecter(url, application="crm_sync api", reglages=REGLAGES)
            connexion.adapters.register_loader("timestamptz", _Instant)
            connexion.adapters.register_loader("date", _Jour)
        return connexion


def _perdue(connexion: Connexion) -> bool:
    """Tell whether a connection at rest is of no use: what the server has to say to one is that it ends."""
    if connexion.closed:
        return True
    attente = poll()
    attente.register(connexion.fileno(), POLLIN)
    if connexion.info.transaction_status == psycopg.pq.TransactionStatus.IDLE and attente.poll(0):
        connexion.close()
    return connexion.closed


@dataclass(frozen=True, slots=True)
class _Rendu:
    """What statements of one correspondence are filled in with, written out once: a call composes nothing anew."""

    crm: Correspondance
    parties: dict[str, sql.SQL]
    textes: dict[str, sql.Composed]


_rendus: dict[int, _Rendu] = {}
"""By identity: a process has one correspondence, which a `_Rendu` keeps alive."""


def _rendu(crm: Correspondance) -> _Rendu:
    rendu = _rendus.get(id(crm))
    if rendu is None:
        parties: dict[str, sql.Composable] = {
            entite: relation(table, {champ: CHAMPS_CRM[entite][champ] for champ in LUS[entite]}, avec_jeton=False)
            for entite, table in crm.items()
        }
        parties |= {
            **{f"id_{entite}": sql.SQL(crm[entite].genre("id")) for entite in crm},
            "kpi_commercial": sql.Identifier(crm.schema_kpi, KPI[0]),
            "kpi_mois": sql.Identifier(crm.schema_kpi, KPI[1]),
        }
        textes: Any = {nom: partie.as_string() for nom, partie in parties.items()}
        rendu = _rendus[id(crm)] = _Rendu(crm, {nom: sql.SQL(texte) for nom, texte in textes.items()}, {})
    return rendu


def composer(crm: Correspondance, nom: str, **parties: sql.Composable) -> sql.Composed:
    """Fill a statement in: `{contrat}` … with the CRM's tables, `{id_client}` … with the types that ids are read as."""
    rendu = _rendu(crm)
    if not parties and nom in rendu.textes:
        return rendu.textes[nom]
    texte: Any = requete(nom).decode()
    composee = sql.SQL(texte).format(**rendu.parties, **parties)
    if not parties:
        ecrite: Any = composee.as_string()
        composee = rendu.textes[nom] = sql.Composed([sql.SQL(ecrite)])
    return composee


def lire(bases: Bases, service: Service, nom: str, **parametres: Any) -> list[dict[str, Any]]:
    """Run a reading statement, one dict per row.

    Raises:
        DatabaseUnavailableError, WriteError: see `erreurs_traduites`.
    """
    composee = composer(bases.crm, nom)
    connexion = bases.connexion(service)
    with erreurs_traduites(bases.lieu(service)), connexion.cursor(row_factory=dict_row) as curseur:
        return curseur.execute(composee, parametres).fetchall()
