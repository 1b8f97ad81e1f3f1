"""Which table of a CRM holds which entity: by its name, its columns, and the foreign keys that lead to it.

Two tables that fit equally well are a hole: nobody is chosen, both are named.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from crm_sync.crm.connexion import Service
from crm_sync.crm.genres import convient
from crm_sync.crm.inventaire import Inventaire, Nom, Table
from crm_sync.domain.noms_crm import CONNU, FAIBLE, note_de_colonne, note_de_table, vocabulaire
from crm_sync.errors import ConfigurationError

SERVICE: Mapping[str, Service] = {
    "utilisateur": "core",
    "client_base": "core",
    "apporteur": "commercial",
    "contrat": "commercial",
    "information_paiement_bancaire": "finance",
}
"""The entities as the mapping file names them, in its order, with their service."""

ESSENTIELS: Mapping[str, tuple[str, ...]] = {
    "utilisateur": ("email", "role"),
    "client_base": ("nom", "email"),
    "apporteur": ("utilisateur_id", "email"),
    "contrat": ("reference", "statut", "client_id", "commercial_id"),
    "information_paiement_bancaire": ("client_id", "iban"),
}
"""The fields without which a table is not that entity, or a sync can do nothing with it."""

RECONNUES_SANS_NOM = frozenset({"contrat", "information_paiement_bancaire"})
"""Entities that their columns alone give away; people look like one another."""
ORDRE = ("contrat", "information_paiement_bancaire", "apporteur", "client_base", "utilisateur")
"""First those that others are recognised by: a contract names its client and its sales rep."""
MENANT_A = {
    "client_base": ("contrat", "client_id"),
    "apporteur": ("contrat", "commercial_id"),
    "utilisateur": ("apporteur", "utilisateur_id"),
}


@dataclass(frozen=True, slots=True)
class TableTrouvee:
    """The table of an entity: None where there is none or `candidates` are equally good; `raisons` in French."""

    entite: str
    table: Table | None
    sure: bool
    raisons: tuple[str, ...]
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Note:
    table: Table
    points: int
    sure: bool
    raisons: tuple[str, ...]


def reconnaitre(inventaires: Mapping[Service, Inventaire], imposees: Mapping[str, str]) -> dict[str, TableTrouvee]:
    """Find the table of each entity; `imposees` are those that a person has named (entity → `schema.table`).

    The result stands in the order of `SERVICE`. A table is that of one entity at most.

    Raises:
        ConfigurationError: a table that a person has named is not there.
    """
    trouvees: dict[str, TableTrouvee] = {}
    prises: set[tuple[str, Nom]] = set()
    for entite in (*(e for e in ORDRE if e in imposees), *(e for e in ORDRE if e not in imposees)):
        inventaire = inventaires[SERVICE[entite]]
        libres = [t for nom, t in inventaire.tables.items() if (inventaire.base, nom) not in prises and _possible(t)]
        if entite in imposees:
            trouvee = _imposee(entite, imposees[entite], libres)
        else:
            trouvee = _choisir(entite, libres, _designees(entite, trouvees, inventaires))
        trouvees[entite] = trouvee
        if trouvee.table is not None:
            prises.add((inventaire.base, (trouvee.table.schema, trouvee.table.nom)))
    return {entite: trouvees[entite] for entite in SERVICE}


def _possible(table: Table) -> bool:
    return table.genre in {"r", "p"} and table.schema != "crm_sync"


def _imposee(entite: str, voulue: str, libres: Iterable[Table]) -> TableTrouvee:
    table = next((t for t in libres if t.complet == voulue), None)
    if table is None:
        raise ConfigurationError(
            f"--table {entite}={voulue} : {voulue} n'est pas une table libre de la base de service-{SERVICE[entite]}."
        )
    return TableTrouvee(entite, table, sure=True, raisons=("donnée par --table",))


def _designees(
    entite: str, trouvees: Mapping[str, TableTrouvee], inventaires: Mapping[Service, Inventaire]
) -> Collection[Nom]:
    """Name the tables that a foreign key of a recognised table says to be this entity's; empty across databases."""
    autre, champ = MENANT_A.get(entite, ("", ""))
    source = trouvees[autre].table if autre in trouvees else None
    if source is None or inventaires[SERVICE[autre]].base != inventaires[SERVICE[entite]].base:
        return ()
    noms = vocabulaire().entites[autre]
    return {
        cle.vers
        for cle in source.cles_etrangeres
        if cle.vers and any(note_de_colonne(noms, champ, source.nom, colonne) >= FAIBLE for colonne in cle.colonnes)
    }


def _choisir(entite: str, tables: Iterable[Table], designees: Collection[Nom]) -> TableTrouvee:
    notees = [note for table in tables if (note := _noter(entite, table, designees))]
    if not notees:
        return TableTrouvee(entite, None, sure=False, raisons=("aucune table n'y ressemble",))
    meilleure = max(note.points for note in notees)
    premieres = [note for note in notees if note.points == meilleure]
    if len(premieres) > 1:
        noms = tuple(note.table.complet for note in premieres)
        return TableTrouvee(entite, None, sure=False, raisons=("plusieurs tables vont aussi bien",), candidates=noms)
    seule = premieres[0]
    return TableTrouvee(entite, seule.table, seule.sure, seule.raisons)


def _noter(entite: str, table: Table, designees: Collection[Nom]) -> _Note | None:
    noms = vocabulaire().entites[entite]
    par_le_nom = note_de_table(noms, table.nom)
    essentiels = ESSENTIELS[entite]
    trouves: dict[str, int] = {}
    for champ in noms.champs:
        notes = [
            note_de_colonne(noms, champ, table.nom, colonne.nom)
            for colonne in table.colonnes.values()
            if convient(champ, colonne)
        ]
        if (note := max(notes, default=0)) >= FAIBLE:
            trouves[champ] = note
    presents = [champ for champ in essentiels if champ in trouves]
    designee = (table.schema, table.nom) in designees
    complete = len(presents) == len(essentiels)
    if not (par_le_nom or designee or (complete and entite in RECONNUES_SANS_NOM)) or not presents:
        return None
    points = 4 * par_le_nom + 8 * designee
    points += sum((2 if champ in essentiels else 1) * (note - 1) for champ, note in trouves.items())
    raisons = (
        *(("nom connu",) if par_le_nom == CONNU else ("nom possible",) if par_le_nom else ()),
        *(("une clé étrangère y mène",) if designee else ()),
        f"on y reconnaît {', '.join(trouves)}",
    )
    return _Note(table, points, complete and (par_le_nom == CONNU or designee), raisons)
