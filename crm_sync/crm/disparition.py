"""What the last answer lacks: found in links and normalised tables, judged by `domain.disparition`, kept in `absence`.

Grain: one judgement per accepted answer (`reponse.complete`), one open row of `absence` per missing node. Nothing of the
CRM is written. Bank details are named here by their prospect only: without an id at the source, their own is the IBAN.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from crm_sync.crm.connexion import Bases, Connexion, la_ligne
from crm_sync.crm.requetes import requete
from crm_sync.domain.disparition import Absence, Jugement, Noeud, Seuils, est_complete, juger
from crm_sync.domain.masques import masquer_source
from crm_sync.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Reponse:
    """An accepted answer; `complete` None: not judged; `mouvement`: what `crm.repos` counts, when it was judged."""

    reponse_id: int
    recue_le: datetime
    complete: bool | None
    retenus: int
    mouvement: int | None


@dataclass(frozen=True, slots=True)
class Approbation:
    """So many removals that a person approved, for the next well-formed answer."""

    approbation_id: int
    nombre: int
    approuve_par: str
    approuve_le: datetime


@dataclass(frozen=True, slots=True)
class Constat:
    """What the last answer is worth. `disparus`: nodes marked now, by entity; `insuffisante`: an approval of fewer."""

    complete: bool = True
    retenus: int = 0
    disparus: tuple[tuple[str, int], ...] = ()
    insuffisante: int | None = None

    @property
    def nombre_disparus(self) -> int:
        """Count the nodes marked now, whatever they are."""
        return sum(nombre for _, nombre in self.disparus)


def constater(connexion: Connexion, seuils: Seuils) -> Constat:
    """Judge the last answer, once; in one transaction, safe to run again, after the normalised tables hold that answer.

    Where nothing moved since the answer before was judged, only the absences that it counted are looked at.
    """
    with connexion.transaction():
        reponse = _reponse(connexion, "disparition.a_juger")
        if reponse is None:
            return Constat()
        approbation = _approbation(connexion)
        if reponse.complete is not None:
            return _constat(reponse.complete, reponse.retenus, approbation)
        precedente = _reponse(connexion, "disparition.derniere_jugee")
        if precedente and precedente.mouvement == reponse.mouvement and approbation is None:
            jugement = _juger_au_repos(connexion, reponse, precedente, seuils)
        else:
            jugement = _juger(connexion, reponse, seuils, approbation)
        _noter(connexion, reponse, jugement)
    return _constat(jugement.complete, jugement.retenus, approbation, jugement.marques)


def _constat(complete: bool, retenus: int, approbation: Approbation | None, marques: Iterable[Noeud] = ()) -> Constat:
    entites = sorted(entite for entite, _ in marques)
    disparus = tuple((entite, entites.count(entite)) for entite in dict.fromkeys(entites))
    insuffisante = approbation.nombre if approbation and approbation.nombre < retenus else None
    return Constat(complete, retenus, disparus, insuffisante)


def _juger_au_repos(connexion: Connexion, reponse: Reponse, precedente: Reponse, seuils: Seuils) -> Jugement:
    """Judge an answer that holds what the one before held: as complete, and lacking the same."""
    if not precedente.complete:
        return Jugement(complete=False, retenus=precedente.retenus)
    absences = _absences(connexion, "disparition.comptees", reponse_id=precedente.reponse_id)
    return juger(reponse.recue_le, complete=True, manquants=absences.keys(), tenus=(), absences=absences, seuils=seuils)


def _juger(connexion: Connexion, reponse: Reponse, seuils: Seuils, approbation: Approbation | None) -> Jugement:
    """Judge an answer by all that is known."""
    absences = _absences(connexion, "disparition.ouvertes")
    manquants, deplaces = _absents(connexion, absences)
    # Where nothing is missing nobody asks of how many.
    connus = dict(connexion.execute(requete("disparition.connus")).fetchall()) if manquants else {}
    (doublons,) = la_ligne(connexion.execute(requete("disparition.doublons")))
    tenus = {(entite, source_id) for entite, source_id in connexion.execute(requete("disparition.tenues"))}
    return juger(
        reponse.recue_le,
        complete=est_complete(connus, manquants, doublons=doublons),
        manquants=manquants,
        tenus=tenus | deplaces,
        absences=absences,
        seuils=seuils,
        approbation=approbation.nombre if approbation else None,
    )


def _absents(connexion: Connexion, absences: dict[Noeud, Absence]) -> tuple[list[Noeud], set[Noeud]]:
    """Give the known nodes that are missing, in a stable order, and those that are there under another name."""
    situations: dict[str, set[Noeud]] = {"manquant": set(), "deplace": set(), "illisible": set()}
    for entite, source_id, situation in connexion.execute(requete("disparition.absents")):
        situations[situation].add((entite, source_id))
    marques = {noeud for noeud, absence in absences.items() if absence.disparu_le}
    return sorted(situations["manquant"] - marques), situations["deplace"]


def _noter(connexion: Connexion, reponse: Reponse, jugement: Jugement) -> None:
    """Write a judgement down. After a spent approval the next answer is looked at anew, not taken to be like this one."""
    if jugement.revenus:
        entites, source_ids = zip(*sorted(jugement.revenus), strict=True)
        parametres = {"recue_le": reponse.recue_le, "entites": list(entites), "source_ids": list(source_ids)}
        connexion.execute(requete("disparition.revenir"), parametres)
    if jugement.absences:
        lignes = [(*noeud, a.depuis, a.reponses, a.disparu_le) for noeud, a in jugement.absences.items()]
        noms = ("entites", "source_ids", "depuis", "reponses", "disparus")
        colonnes = {nom: list(valeurs) for nom, valeurs in zip(noms, zip(*lignes, strict=True), strict=True)}
        connexion.execute(requete("disparition.compter"), {"reponse_id": reponse.reponse_id, **colonnes})
    if jugement.approbation_utilisee:
        connexion.execute(requete("disparition.utiliser"), {"reponse_id": reponse.reponse_id})
    conclusion = {
        "reponse_id": reponse.reponse_id,
        "complete": jugement.complete,
        "retenus": jugement.retenus,
        "mouvement": None if jugement.approbation_utilisee else reponse.mouvement,
    }
    connexion.execute(requete("disparition.conclure"), conclusion)


def _reponse(connexion: Connexion, nom: str) -> Reponse | None:
    ligne = connexion.execute(requete(nom)).fetchone()
    return Reponse(*ligne) if ligne else None


def _approbation(connexion: Connexion) -> Approbation | None:
    ligne = connexion.execute(requete("disparition.approbation_ouverte")).fetchone()
    return Approbation(*ligne) if ligne else None


def _absences(connexion: Connexion, nom: str, **parametres: Any) -> dict[Noeud, Absence]:
    lignes = connexion.execute(requete(nom), parametres or None)
    return {(entite, source_id): Absence(*reste) for entite, source_id, *reste in lignes}


def approuver(bases: Bases, par: str) -> int:
    """Approve the removal of as many nodes as are withheld now, in place of an approval that waits; gives how many.

    Raises:
        RefusedError: nothing is withheld.
    """
    with bases.transaction("sync") as connexion:
        derniere = _reponse(connexion, "disparition.derniere_jugee")
        if derniere is None or derniere.complete or not derniere.retenus:
            raise RefusedError(
                "Aucun retrait n'est retenu : il n'y a rien à approuver. « crm-sync removals » dit ce qui manque."
            )
        connexion.execute(requete("disparition.remplacer"))
        connexion.execute(requete("disparition.approuver"), {"nombre": derniere.retenus, "par": par})
    return derniere.retenus


def etat(bases: Bases) -> dict[str, Any]:
    """Read what is withheld, missing and marked, one entry per node, and the approval that waits, for a person.

    `retenus` is what the last judged answer withheld; `elements` are looked up now, and may be fewer or more where
    something moved since.
    """
    with bases.transaction("sync") as connexion:
        derniere = _reponse(connexion, "disparition.derniere_jugee")
        approbation = _approbation(connexion)
        absences = _absences(connexion, "disparition.ouvertes")
        incomplete = derniere is not None and not derniere.complete
        retenus = _absents(connexion, absences)[0] if incomplete else []
    return {
        "reponse_le": derniere and derniere.recue_le,
        "complete": derniere and derniere.complete,
        "retraits_en_attente": derniere.retenus if derniere else 0,
        "retenus": [_nomme(noeud) for noeud in retenus],
        "manquants": [
            _nomme(noeud) | {"depuis": absence.depuis, "reponses": absence.reponses}
            for noeud, absence in absences.items()
            if not absence.disparu_le
        ],
        "disparus": [_nomme(noeud) | asdict(absence) for noeud, absence in absences.items() if absence.disparu_le],
        "approbation": approbation and asdict(approbation),
    }


def _nomme(noeud: Noeud) -> dict[str, Any]:
    """Name a node without personal data: bank details by their prospect alone."""
    entite, source_id = noeud
    return {"entite": entite, "source_id": masquer_source(entite, source_id)}
