"""The normalised tables: the source's present state, one version per row, rebuilt for the prospects that changed.

A prospect is read again when its payload is new or the rules are; everything that comes of it is replaced in one
transaction, so that rows, rejects and the mark of what was read agree at any instant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.copie import verser
from crm_sync.crm.rejets import constater
from crm_sync.crm.requetes import requete
from crm_sync.domain import types
from crm_sync.domain.flatten import REGLES, Element, Normalise, aplatir
from crm_sync.domain.types import ElementLu, cadre

PAQUET = 5_000
"""Prospects read at a time: bounds memory (about 30 MB of payloads and rows), not correctness."""

ETAPE = "normalisation"
TABLES = {
    "normalisation": types.NORMALISATION,
    "clients": types.CLIENTS,
    "contrats": types.CONTRATS,
    "informations_paiement": types.INFORMATIONS_PAIEMENT,
}
ALire = tuple[str, str, list[int], list[int], datetime]


@dataclass(frozen=True, slots=True)
class Bilan:
    """What a normalisation did: prospects read, lines put aside, keys and status words nobody had described.

    `horloges_en_avance` counts the nodes read whose updatedAt was later than their reception, `contrats_d_un_autre` the
    contracts read that name another prospect than the one that carries them.
    """

    lus: int = 0
    mis_de_cote: int = 0
    absents: int = 0
    horloges_en_avance: int = 0
    contrats_d_un_autre: int = 0
    cles_inconnues: tuple[str, ...] = ()
    statuts_inconnus: tuple[str, ...] = ()


def normaliser(connexion: Connexion, lire: Callable[[bytes], ElementLu]) -> Bilan:
    """Bring the normalised tables to the state of the last answer; in one transaction, safe to run again.

    `lire` reads one payload (`source.lecture.lire_charge`).
    """
    with connexion.transaction():
        absents = _marquer_presence(connexion)
        a_lire: list[ALire] = connexion.execute(requete("normalises.a_lire"), {"regles": REGLES}).fetchall()
        if not a_lire:
            return Bilan(absents=absents)
        connus = _statuts_inconnus(connexion)
        inconnues: set[str] = set()
        mis_de_cote = en_avance = d_un_autre = 0
        for debut in range(0, len(a_lire), PAQUET):
            paquet = a_lire[debut : debut + PAQUET]
            lot = aplatir(_elements(paquet, _charges(connexion, paquet), lire))
            _remplacer(connexion, [cle for cle, *_ in paquet], lot)
            mis_de_cote += constater(connexion, ETAPE, lot.rejets, [cle for cle, *_ in paquet])
            inconnues |= lot.inconnues
            d_un_autre += lot.d_un_autre
            en_avance += sum(int(ligne[-1] or 0) for ligne in lot.normalisation)
        nouveaux_statuts = _statuts_inconnus(connexion) - connus
    return Bilan(
        len(a_lire),
        mis_de_cote,
        absents,
        en_avance,
        d_un_autre,
        tuple(sorted(inconnues)),
        tuple(sorted(nouveaux_statuts)),
    )


def _marquer_presence(connexion: Connexion) -> int:
    """Mark what the last answer lacks, and what it holds again; gives how many prospects went missing now."""
    partis = [ligne[0] for ligne in connexion.execute(requete("normalises.absents"))]
    revenus = [ligne[0] for ligne in connexion.execute(requete("normalises.revenus"))]
    for cles, present in ((partis, False), (revenus, True)):
        if cles:
            parametres = {"cles": cles, "prospects": _prospects(cles), "present": present}
            for table in (*TABLES, "rejet"):
                connexion.execute(requete(f"normalises.presence_{table}"), parametres)
    return len(partis)


def _prospects(cles: Sequence[str]) -> list[str]:
    return [cle.removeprefix("id:") for cle in cles if cle.startswith("id:")]


def _charges(connexion: Connexion, paquet: Sequence[ALire]) -> dict[int, bytes]:
    versions = [version for _, _, ids, _, _ in paquet for version in ids]
    curseur = connexion.execute(requete("normalises.charges"), {"versions": versions}, binary=True)
    return dict(curseur.fetchall())


def _elements(
    paquet: Sequence[ALire], charges: dict[int, bytes], lire: Callable[[bytes], ElementLu]
) -> Iterator[Element]:
    for cle, nom, ids, occurrences, vu_le in paquet:
        contenus = [(lire(charges[version]), nombre) for version, nombre in zip(ids, occurrences, strict=True)]
        yield Element(cle, nom, contenus, vu_le)


def _remplacer(connexion: Connexion, cles: list[str], lot: Normalise) -> None:
    """Replace the rows of these prospects; a copy of a sales rep is kept once, however many prospects carry it."""
    parametres = {"cles": cles, "prospects": _prospects(cles)}
    for table, colonnes in TABLES.items():
        connexion.execute(requete(f"normalises.oublier_{table}"), parametres)
        verser(connexion, sql.Identifier("crm_sync", table), cadre(colonnes, getattr(lot, table)))
    connexion.execute(requete("normalises.table_copies"))
    verser(
        connexion,
        sql.Identifier("copies"),
        cadre(types.COMMERCIAUX, [(*copie, vu_le) for copie, vu_le in sorted(lot.commerciaux.items(), key=repr)]),
    )
    connexion.execute(requete("normalises.garder_copies"))
    connexion.execute("drop table copies")


def _statuts_inconnus(connexion: Connexion) -> set[str]:
    return {ligne[0] for ligne in connexion.execute(requete("normalises.statuts_inconnus"))}
