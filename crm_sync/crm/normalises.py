"""The normalised tables: the source's present state, one version per row, rebuilt for the prospects that changed.

A prospect is read again when its payload is new or the rules are; everything that comes of it is replaced in one
transaction, so that rows, rejects and the mark of what was read agree at any instant.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from psycopg import sql

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.copie import verser
from crm_sync.crm.rejets import constater
from crm_sync.crm.requetes import requete
from crm_sync.domain import types
from crm_sync.domain.flatten import REGLES, Normalise, Recu
from crm_sync.domain.lots import tableau

PAQUET = 500
"""Prospects read at a time: small enough that who reads (see `Lecteur`) is never long without."""

A_ECRIRE = 5_000
"""Prospects written at a time: bounds memory (about 30 MB of payloads and rows), not correctness."""

ETAPE = "normalisation"
TABLES = {
    "normalisation": types.NORMALISATION,
    "clients": types.CLIENTS,
    "contrats": types.CONTRATS,
    "informations_paiement": types.INFORMATIONS_PAIEMENT,
}
ALire = tuple[str, str, list[int], list[int], datetime]


class Lecteur(Protocol):
    """Who reads payloads (`source.lecteur`)."""

    def annoncer(self, nombre: int) -> None:
        """Say that so many prospects are to be read soon."""

    def lire(self, paquets: Iterable[Sequence[Recu]], nombre: int) -> Iterator[Normalise]:
        """Read packets, `nombre` prospects in all; gives one outcome per packet, in their order."""

    def close(self) -> None:
        """Give back what reading took."""


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


def normaliser(connexion: Connexion, lecteur: Lecteur) -> Bilan:
    """Bring the normalised tables to the state of the last answer; in one transaction, safe to run again."""
    with connexion.transaction():
        mouvements = connexion.execute(requete("normalises.mouvements"), {"regles": REGLES}).fetchall()
        partis = [cle for cle, tenu, *_ in mouvements if not tenu]
        _marquer(connexion, partis, present=False)
        _marquer(connexion, [cle for cle, tenu, present, *_ in mouvements if tenu and present is False], present=True)
        a_lire: list[ALire] = [(cle, *lu) for cle, _, _, *lu in mouvements if lu[0] is not None]
        if not a_lire:
            return Bilan(absents=len(partis))
        connus = _statuts_inconnus(connexion)
        inconnues: set[str] = set()
        mis_de_cote = en_avance = d_un_autre = 0
        for lot in _par_lots(lecteur.lire(_paquets(connexion, a_lire), len(a_lire))):
            cles = [str(ligne[0]) for ligne in lot.normalisation]
            _remplacer(connexion, cles, lot)
            mis_de_cote += constater(connexion, ETAPE, lot.rejets, cles)
            inconnues |= lot.inconnues
            d_un_autre += lot.d_un_autre
            en_avance += sum(int(ligne[-1] or 0) for ligne in lot.normalisation)
        nouveaux_statuts = _statuts_inconnus(connexion) - connus
    return Bilan(
        len(a_lire),
        mis_de_cote,
        len(partis),
        en_avance,
        d_un_autre,
        tuple(sorted(inconnues)),
        tuple(sorted(nouveaux_statuts)),
    )


def _marquer(connexion: Connexion, cles: list[str], *, present: bool) -> None:
    """Mark prospects and their nodes as lacking in the last answer, or as held by it again."""
    if cles:
        parametres = {"cles": cles, "prospects": _prospects(cles), "present": present}
        for table in (*TABLES, "rejet"):
            connexion.execute(requete(f"normalises.presence_{table}"), parametres)


def _prospects(cles: Sequence[str]) -> list[str]:
    return [cle.removeprefix("id:") for cle in cles if cle.startswith("id:")]


def _paquets(connexion: Connexion, a_lire: Sequence[ALire]) -> Iterator[list[Recu]]:
    """Give what is to be read, packet by packet, as it is asked for."""
    for debut in range(0, len(a_lire), PAQUET):
        paquet = a_lire[debut : debut + PAQUET]
        versions = [version for _, _, ids, _, _ in paquet for version in ids]
        curseur = connexion.execute(requete("normalises.charges"), {"versions": versions}, binary=True)
        charges: dict[int, bytes] = dict(curseur.fetchall())
        yield [
            Recu(cle, nom, [(charges[qui], fois) for qui, fois in zip(ids, occurrences, strict=True)], vu_le)
            for cle, nom, ids, occurrences, vu_le in paquet
        ]


def _par_lots(lus: Iterator[Normalise]) -> Iterator[Normalise]:
    """Put what was read together until it is worth a round of statements."""
    for lot in lus:
        while len(lot.normalisation) < A_ECRIRE and (suivant := next(lus, None)) is not None:
            lot.ajouter(suivant)
        yield lot


def _remplacer(connexion: Connexion, cles: list[str], lot: Normalise) -> None:
    """Replace the rows of these prospects; a copy of a sales rep is kept once, however many prospects carry it."""
    parametres = {"cles": cles, "prospects": _prospects(cles)}
    for table, colonnes in TABLES.items():
        connexion.execute(requete(f"normalises.oublier_{table}"), parametres)
        verser(connexion, sql.Identifier("crm_sync", table), tableau(colonnes, getattr(lot, table)))
    connexion.execute(requete("normalises.table_copies"))
    verser(
        connexion,
        sql.Identifier("copies"),
        tableau(types.COMMERCIAUX, [(*copie, vu_le) for copie, vu_le in sorted(lot.commerciaux.items(), key=repr)]),
    )
    connexion.execute(requete("normalises.garder_copies"))
    connexion.execute("drop table copies")


def _statuts_inconnus(connexion: Connexion) -> set[str]:
    return {ligne[0] for ligne in connexion.execute(requete("normalises.statuts_inconnus"))}
