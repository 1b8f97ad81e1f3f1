"""Makes an existing CRM in a test's Postgres: their databases from their DDL, filled with invented people, dropped at the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from uuid import uuid4

import psycopg
from psycopg import sql

from crm_sync.crm.connexion import SERVICES, Service
from crm_sync_tests.crm_existants import foule as crowd
from crm_sync_tests.crm_existants import tables_prisma, tables_typeorm
from crm_sync_tests.crm_existants.cas_contrats import CAS_CONTRATS
from crm_sync_tests.crm_existants.cas_personnes import CAS_PERSONNES
from crm_sync_tests.crm_existants.connus import lignes_connues
from crm_sync_tests.crm_existants.equipe import APPORTEURS, UTILISATEURS
from crm_sync_tests.crm_existants.lignes import PERDU, Cas, Lignes, Remplissage

ICI = Path(__file__).parent
CAS: tuple[Cas, ...] = (*CAS_PERSONNES, *CAS_CONTRATS)
VARIABLES: Mapping[Service, str] = MappingProxyType(
    {
        "sync": "CRM_DATABASE_URL",
        "core": "CRM_CORE_DATABASE_URL",
        "commercial": "CRM_COMMERCIAL_DATABASE_URL",
        "finance": "CRM_FINANCE_DATABASE_URL",
    }
)


class Serveur(Protocol):
    """A running Postgres where databases may be made."""

    def url(self, base: str) -> str:
        """Give the URL of a database."""
        ...


@dataclass(frozen=True)
class Modele:
    """How a CRM is made. `bases`: the database of each service (of `sync`: where the sync's own schema goes).

    `ddl`: per database the files that their tool made; `a_creer`: what the user is told to create. `sequences`: tables
    whose integer ids are given here, so that their sequences must follow.
    """

    nom: str
    bases: Mapping[Service, str]
    ddl: Mapping[str, tuple[str, ...]]
    a_creer: Mapping[str, tuple[str, ...]]
    remplir: Callable[[Lignes], Iterable[Remplissage]]
    identifiant: Callable[[str, str, int], str]
    foule: tuple[tuple[Service, sql.Composable], ...]
    sequences: tuple[str, ...] = ()

    @property
    def dossier(self) -> Path:
        """The folder of its source, its DDL and its mapping."""
        return ICI / self.nom


TYPEORM = Modele(
    "typeorm",
    bases=MappingProxyType({"sync": "core", "core": "core", "commercial": "commercial", "finance": "finance"}),
    ddl=MappingProxyType({"core": ("core.sql",), "commercial": ("commercial.sql",), "finance": ("finance.sql",)}),
    a_creer=MappingProxyType({"core": ("a_creer/core.sql",), "finance": ("a_creer/finance.sql",)}),
    remplir=tables_typeorm.remplir,
    identifiant=tables_typeorm.identifiant,
    foule=tables_typeorm.FOULE,
)
PRISMA = Modele(
    "prisma",
    bases=MappingProxyType(dict.fromkeys(SERVICES, "crm")),
    ddl=MappingProxyType({"crm": ("migrations/20240702090000_init/migration.sql",)}),
    a_creer=MappingProxyType({}),
    remplir=tables_prisma.remplir,
    identifiant=tables_prisma.identifiant,
    foule=tables_prisma.FOULE,
    sequences=tables_prisma.SEQUENCES,
)


@dataclass(frozen=True)
class CrmExistant:
    """A running CRM of theirs: `urls` by service, and what was put there (without the crowd)."""

    modele: Modele
    urls: Mapping[Service, str]
    lignes: Lignes
    ids: Mapping[tuple[str, str], str]

    @property
    def correspondance(self) -> Path:
        """The mapping file that fits it."""
        return self.modele.dossier / "mapping.toml"

    @property
    def environnement(self) -> dict[str, str]:
        """Give the variables that point `crm-sync` at it."""
        return {VARIABLES[service]: url for service, url in self.urls.items()} | {
            "CRM_MAPPING": str(self.correspondance)
        }

    def id(self, entite: str, cle: str) -> str:
        """Give the CRM's id of a row: `client`, `apporteur`, `utilisateur` by key, `contrat` by reference as written.

        Raises:
            KeyError: no such row was put there.
        """
        return self.ids[entite, cle]

    def lire(self, service: Service, requete: str, *parametres: Any) -> list[tuple[Any, ...]]:
        """Run one statement in a service's database and give its rows, if it has any."""
        with psycopg.connect(self.urls[service], autocommit=True) as connexion:
            curseur = connexion.execute(requete, parametres or None)
            return curseur.fetchall() if curseur.description else []


@contextmanager
def crm_existant(
    modele: Modele,
    serveur: Serveur,
    *,
    cas: Iterable[Cas] = CAS,
    a_creer: bool = True,
    foule: int = 0,
    connus: int = 0,
    graine: int = 1,
) -> Iterator[CrmExistant]:
    """Make a CRM, yield it, and drop its databases.

    `cas`: the hand-made cases that it holds. `a_creer`: whether the user has created what they are told to. `foule`: so
    many generated clients more, and a third more contracts. `connus`: so many prospects of the reference source of seed
    `graine` are known to it.

    Raises:
        ValueError: a crowd that has no telephones left.
    """
    if foule > crowd.MAXIMUM:
        raise ValueError(f"Au plus {crowd.MAXIMUM} clients inventés : les téléphones manquent.")
    noms = {base: f"{modele.nom}_{base}_{uuid4().hex[:8]}" for base in sorted(set(modele.bases.values()))}
    lignes = rassembler(cas)
    lignes.ajouter(lignes_connues(connus, graine))
    urls = {service: serveur.url(noms[base]) for service, base in modele.bases.items()}
    ids = {(entite, cle): modele.identifiant(entite, cle, rang) for entite, cle, rang in lignes.cles()}
    ids["client", PERDU] = modele.identifiant("client", PERDU, 0)
    crm = CrmExistant(modele, MappingProxyType(urls), lignes, MappingProxyType(ids))
    with psycopg.connect(serveur.url("postgres"), autocommit=True) as outils, ExitStack() as fin:
        for nom in noms.values():
            outils.execute(sql.SQL("create database {} template template0").format(sql.Identifier(nom)))
            fin.callback(outils.execute, sql.SQL("drop database {} with (force)").format(sql.Identifier(nom)))
        for base, nom in noms.items():
            _jouer(serveur.url(nom), modele, base, a_creer=a_creer)
        _remplir(crm, foule)
        yield crm


def rassembler(cas: Iterable[Cas]) -> Lignes:
    """Give the rows of the reseller's own people and of these cases."""
    lignes = Lignes(utilisateurs=list(UTILISATEURS), apporteurs=list(APPORTEURS))
    for un in cas:
        lignes.clients += un.clients
        lignes.contrats += un.contrats
        lignes.comptes += un.comptes
    return lignes


def _jouer(url: str, modele: Modele, base: str, *, a_creer: bool) -> None:
    """Run the DDL of one database as its tool wrote it."""
    fichiers = (*modele.ddl[base], *(modele.a_creer.get(base, ()) if a_creer else ()))
    with psycopg.connect(url, autocommit=True) as connexion:
        for fichier in fichiers:
            connexion.execute((modele.dossier / fichier).read_bytes())


def _remplir(crm: CrmExistant, foule: int) -> None:
    """Fill the tables by COPY, then the crowd; triggers rest meanwhile: these rows have been there for years."""
    with ExitStack() as ouvertes:
        connexions = {url: ouvertes.enter_context(psycopg.connect(url)) for url in sorted(set(crm.urls.values()))}
        for connexion in connexions.values():
            connexion.execute("set session_replication_role = replica; set timezone = 'UTC'")
        remplissages = list(crm.modele.remplir(crm.lignes))
        for remplissage in remplissages:
            copier(connexions[crm.urls[remplissage.service]], remplissage)
        for service, insertion in crm.modele.foule if foule else ():
            crowd.inserer(connexions[crm.urls[service]], insertion, foule)
        for table in crm.modele.sequences:
            _suivre(connexions[crm.urls["core"]], table)
        for remplissage in remplissages:
            connexion = connexions[crm.urls[remplissage.service]]
            connexion.execute(sql.SQL("analyze {}").format(sql.Identifier(*remplissage.table)))


def copier(connexion: psycopg.Connection[Any], remplissage: Remplissage) -> None:
    """Write the rows of one table by COPY."""
    ordre = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*remplissage.table), sql.SQL(", ").join(map(sql.Identifier, remplissage.colonnes))
    )
    with connexion.cursor() as curseur, curseur.copy(ordre) as copie:
        for valeurs in remplissage.valeurs:
            copie.write_row(valeurs)


def _suivre(connexion: psycopg.Connection[Any], table: str) -> None:
    """Let the sequence of a table's ids go on after the highest."""
    connexion.execute(
        sql.SQL("select setval(pg_get_serial_sequence({}, 'id'), max(id)) from {} having max(id) is not null").format(
            sql.Literal(table), sql.Identifier(*table.split("."))
        )
    )
