"""One element of the answer, walked node by node against the models: what differs from what they describe, and where.

What belongs here: what can be seen on one element. What does not: how a sync reads it (`source.lecture`), counts over the
answer and the French sentences about them (`source.rapport`).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from crm_sync.domain import valeurs
from crm_sync.domain.keys import plier
from crm_sync.domain.masques import cle_montrable, mot_montrable, silhouette
from crm_sync.domain.statuts import statut_connu
from crm_sync.source.lecture import identifiant
from crm_sync.source.models import RELATIONS, Contrat, Noeud, Prospect, Relation

Lecteur = Callable[[object], object]

_ORDINAIRES: dict[Lecteur, type] = {valeurs.lire_texte: str, valeurs.lire_identifiant: int}
"""What nearly every value is, and needs no second look."""


class Observation(NamedTuple):
    """One thing seen: its kind (a key of `rapport.GENRES`), what it is about, and where in the element.

    `sujet` is `Contrat.montant`, a status word or a motif; `exemple` is masked already, None where it would say nothing.
    """

    genre: str
    sujet: str
    chemin: str
    exemple: str | None = None


class _Plan(NamedTuple):
    """What is looked at in the nodes of one model."""

    nom: str
    cles: frozenset[str]
    attendues: frozenset[str]
    lecteurs: tuple[tuple[str, Lecteur], ...]
    relations: tuple[tuple[str, Relation], ...]
    date: bool


@cache
def _plan(modele: type[Noeud]) -> _Plan:
    lecteurs = modele.lecteurs()
    relations = RELATIONS.get(modele, {})
    lus = {cle: lire for cle, lire in lecteurs.items() if lire}
    return _Plan(
        modele.__name__,
        frozenset(lecteurs),
        frozenset(lus.keys() | relations.keys()) - {"updatedAt"},
        tuple(lus.items()),
        tuple(relations.items()),
        "updatedAt" in lus,
    )


class Parcours:
    """Walks elements and counts the nodes met, by name of their model; `recue_le` is when the answer came."""

    def __init__(self, recue_le: datetime) -> None:
        self.noeuds: Counter[str] = Counter()
        self._recue_le = recue_le

    def element(self, element: Any) -> Iterator[Observation]:
        """Give all that differs in one decoded element; pointers are from the element."""
        if isinstance(element, dict):
            yield from self._noeud(Prospect, element, "", element)

    def _noeud(self, modele: type[Noeud], objet: Any, chemin: str, element: dict[str, Any]) -> Iterator[Observation]:
        plan = _plan(modele)
        if not isinstance(objet, dict):
            yield Observation("type", plan.nom, chemin, silhouette(objet))
            return
        self.noeuds[plan.nom] += 1
        yield from _cles_et_valeurs(plan, objet, chemin)
        if plan.date:
            yield from self._date(plan.nom, objet.get("updatedAt"), chemin)
        if modele is Contrat:
            yield from _contrat(objet, chemin, element)
        for cle, relation in plan.relations:
            if (valeur := objet.get(cle)) is not None:
                yield from self._relation(relation, valeur, f"{chemin}/{cle}", element)

    def _relation(self, relation: Relation, valeur: Any, chemin: str, element: dict[str, Any]) -> Iterator[Observation]:
        if relation.liste and isinstance(valeur, list):
            for rang, enfant in enumerate(valeur):
                yield from self._noeud(relation.modele, enfant, f"{chemin}/{rang}", element)
            return
        if relation.liste and isinstance(valeur, dict):
            yield Observation("type", f"{relation.modele.__name__} (liste)", chemin, silhouette(valeur))
        yield from self._noeud(relation.modele, valeur, chemin, element)

    def _date(self, nom: str, valeur: Any, chemin: str) -> Iterator[Observation]:
        chemin = f"{chemin}/updatedAt"
        if valeur is None or (isinstance(valeur, str) and not valeur.strip()):
            yield Observation("updatedAt_absent", nom, chemin)
        elif (lu := valeurs.lire_modification(valeur)) is not None and lu > self._recue_le:
            yield Observation("horloge_en_avance", nom, chemin, silhouette(valeur))


def _cles_et_valeurs(plan: _Plan, objet: dict[str, Any], chemin: str) -> Iterator[Observation]:
    for cle in plan.attendues - objet.keys():
        yield Observation("cle_absente", f"{plan.nom}.{cle}", f"{chemin}/{cle}")
    for cle in objet.keys() - plan.cles:
        yield _inconnue(plan.nom, cle, objet[cle], chemin)
    for cle, lire in plan.lecteurs:
        valeur = objet.get(cle)
        if valeur is None or _ORDINAIRES.get(lire) is type(valeur):
            continue
        if _mal_typee(lire, valeur):
            yield Observation("type", f"{plan.nom}.{cle}", f"{chemin}/{cle}", silhouette(valeur))


def _inconnue(nom: str, cle: str, valeur: Any, chemin: str) -> Observation:
    """Report a key that no model describes; one that may hold somebody's data is told by its shape, at its parent."""
    if cle_montrable(cle):
        return Observation("cle_inconnue", f"{nom}.{cle}", f"{chemin}/{cle}", silhouette(valeur))
    return Observation("cle_inconnue", f"{nom}.(masquée)", chemin, silhouette(cle))


def _mal_typee(lire: Lecteur, valeur: Any) -> bool:
    """Tell whether a value has another form than asked for: unreadable, ignored in silence, or a number for a text."""
    if isinstance(valeur, str):
        if not valeur.strip():
            return False
    elif lire is valeurs.lire_texte:
        return True
    try:
        return lire(valeur) is None
    except valeurs.ValeurIllisible:
        return True


def _contrat(objet: dict[str, Any], chemin: str, element: dict[str, Any]) -> Iterator[Observation]:
    mot = objet.get("statut")
    if isinstance(mot, str) and mot.strip() and not statut_connu(mot):
        sujet = mot.strip() if mot_montrable(mot.strip(), _personnes(element)) else silhouette(mot)
        yield Observation("statut_inconnu", sujet, f"{chemin}/statut", sujet)
    try:
        nomme = valeurs.lire_identifiant(objet.get("prospectId"))
    except valeurs.ValeurIllisible:
        return
    porteur = identifiant(element)
    if nomme is not None and porteur is not None and nomme != porteur:
        yield Observation("autre_prospect", "", f"{chemin}/prospectId", silhouette(objet["prospectId"]))


def _personnes(element: dict[str, Any]) -> list[str]:
    """Give the folded names of the people that an element speaks of."""
    commercial = element.get("commercial")
    porteurs = (element, commercial) if isinstance(commercial, dict) else (element,)
    noms = (porteur.get(cle) for porteur in porteurs for cle in ("nom", "prenom"))
    return [plier(nom) for nom in noms if isinstance(nom, str)]
