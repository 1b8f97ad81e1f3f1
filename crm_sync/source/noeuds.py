"""How one node is read: by the readers that its pydantic model names, without what pydantic adds to them.

What belongs here: turning a model into a plain loop that gives what `model_validate` gives. What does not: which fields
there are and how each is read (`source.models`), or how nodes hang together (`source.lecture`).
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, Generic, NamedTuple, TypeVar, cast

from crm_sync.domain.valeurs import ValeurIllisible
from crm_sync.source import models

N = TypeVar("N", bound=models.Noeud)

SCALAIRES = frozenset({str, int, bool, type(None)})
COPIES = 4096


class Faute(NamedTuple):
    """Why a node cannot be read: its first field that cannot, and the key of `domain.motifs.MOTIFS`."""

    champ: str
    motif: str


class Forme(Generic[N]):
    """Reads the nodes of one model; `cles` are the keys that it knows.

    What is read is given as a named tuple with the fields of the model, which stands in for it and cannot change.
    """

    __slots__ = ("_champs", "_lecteurs", "_tenir", "cles", "modele")

    def __init__(self, modele: type[N]) -> None:
        lecteurs = modele.lecteurs()
        self.modele = modele
        self.cles = frozenset(lecteurs)
        self._champs = tuple(lecteurs)
        self._lecteurs = tuple((rang, lire) for rang, lire in enumerate(lecteurs.values()) if lire)
        valeurs = namedtuple(modele.__name__, self._champs)  # type: ignore[misc]  # noqa: PYI024  typed by the model
        self._tenir: Callable[[Iterable[object]], object] = partial(tuple.__new__, valeurs)

    def lire(self, objet: dict[str, Any]) -> N | Faute:
        """Read one node; of several fields that cannot be read, the model's first is told."""
        valeurs = list(map(objet.get, self._champs))
        rang = 0
        try:
            for rang, lire in self._lecteurs:
                if (valeur := valeurs[rang]) is not None:
                    valeurs[rang] = lire(valeur)
        except ValueError as erreur:
            motif = erreur.motif if isinstance(erreur, ValeurIllisible) else "type_inattendu"
            return Faute(self._champs[rang], motif)
        return cast("N", self._tenir(valeurs))


class FormeCopiee(Forme[N]):
    """Reads nodes of which thousands of prospects carry a copy: once for each content, of the last few thousand."""

    __slots__ = ("_lire_contenu",)

    def __init__(self, modele: type[N]) -> None:
        super().__init__(modele)
        # Typed, for `1` and `true` are equal and are two contents.
        self._lire_contenu = lru_cache(COPIES, typed=True)(self._lire_paires)

    def lire(self, objet: dict[str, Any]) -> N | Faute:
        """Read one node; one with a fraction is read anew, for `0.0` and `-0.0` are equal and are two contents."""
        if SCALAIRES.issuperset(map(type, objet.values())):
            return self._lire_contenu(tuple(objet), *objet.values())
        return super().lire(objet)

    def _lire_paires(self, cles: tuple[str, ...], *valeurs: object) -> N | Faute:
        return super().lire(dict(zip(cles, valeurs, strict=True)))


PROSPECT = Forme(models.Prospect)
SOUSCRIPTION = Forme(models.Souscription)
OFFRE = FormeCopiee(models.Offre)
CONTRAT = Forme(models.Contrat)
USER = FormeCopiee(models.User)
INFORMATIONS_PAIEMENT = Forme(models.InformationsPaiement)
