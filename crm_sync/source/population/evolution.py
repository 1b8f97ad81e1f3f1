"""How the source's data change from one round to the next, an hour apart.

A round touches a given number of prospects: it edits most, brings a few new ones and mends one node that
could not be used. Which ones and how follows from seed and round alone.
"""

from dataclasses import dataclass
from math import gcd
from typing import Self

from crm_sync.source.population.hasard import (
    INUTILISABLES,
    RANG_MAX,
    TOUR_MAX,
    Cas,
    Flux,
    alea,
    cas_de,
    entre,
)

_SANS_DOUBLON = 1_000
"""Smaller answers hold no id twice: an answer with one can never count as complete."""

_AVEC_REPARATION = 3
_AVEC_NOUVEAU = 5


@dataclass(frozen=True)
class Evolution:
    """What happened since the first answer: how many prospects each round touched, in order."""

    tours: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.tours) > TOUR_MAX:
            raise ValueError(f"La source de référence s'arrête au tour {TOUR_MAX} : la remettre à zéro.")
        if any(touches < 0 for touches in self.tours):
            raise ValueError("Un tour ne peut pas toucher un nombre négatif de prospects.")

    @property
    def tour(self) -> int:
        """Number of the last round; 0 is the first answer."""
        return len(self.tours)

    def puis(self, touches: int) -> Self:
        """Add a round that touches this many prospects."""
        return type(self)((*self.tours, touches))

    @classmethod
    def reguliere(cls, nombre: int, tour: int, part_changee: float) -> Self:
        """Make `tour` rounds that each touch the same share of the first `nombre` prospects."""
        return cls((nombre_touche(nombre, part_changee),) * tour)


def nombre_touche(nombre: int, part: float) -> int:
    """Turn a share (0 to 1) into a number of prospects: at least one, unless the share is 0.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 <= part <= 1:
        raise ValueError("La part de prospects changés est un nombre entre 0 et 1.")
    return max(1, round(nombre * part)) if part and nombre else 0


@dataclass(frozen=True)
class Bilan:
    """What one round does, in prospects."""

    modifies: int
    nouveaux: int
    repares: int


@dataclass(frozen=True)
class Programme:
    """All that the rounds do, by rank: edits in order, and the round that mended or brought a prospect.

    `sans_defaut`: ranks whose case makes them unusable, yet who are not; `effectif`: prospects after the last
    round.
    """

    effectif: int
    sans_defaut: frozenset[int]
    retouches: dict[int, list[int]]
    repares: dict[int, int]
    apparus: dict[int, int]
    bilans: tuple[Bilan, ...]


def programmer(nombre: int, graine: int, evolution: Evolution) -> Programme:
    """Decide whom each round touches.

    A round of at least 5 brings a tenth (at least one) of new prospects; one of at least 3 mends one unusable
    node while there is one, the id given twice first. Unusable nodes are not edited otherwise.

    Raises:
        ValueError: more than a million prospects, or a negative number or seed.
    """
    if nombre < 0 or graine < 0:
        raise ValueError("Le nombre de prospects et la graine sont des entiers positifs ou nuls.")
    doublon = _doublon(nombre, graine)
    a_reparer = iter(_a_reparer(nombre, graine, doublon) if evolution.tours else ())
    effectif = nombre
    retouches: dict[int, list[int]] = {}
    repares: dict[int, int] = {}
    apparus: dict[int, int] = {}
    bilans = []
    for tour, touches in enumerate(evolution.tours, start=1):
        nouveaux = max(1, touches // 10) if touches >= _AVEC_NOUVEAU else 0
        repare = next(a_reparer, None) if touches >= _AVEC_REPARATION else None
        if repare is not None:
            repares[repare] = tour
        choisis = _choisir(graine, tour, effectif, touches - nouveaux - (repare is not None))
        for rang in choisis:
            retouches.setdefault(rang, []).append(tour)
        apparus |= dict.fromkeys(range(effectif, effectif + nouveaux), tour)
        effectif += nouveaux
        bilans.append(Bilan(len(choisis), nouveaux, int(repare is not None)))
    if effectif > RANG_MAX:
        raise ValueError(f"La source de référence s'arrête à {RANG_MAX} prospects.")
    sans_defaut = _faux_doublons(effectif, graine, doublon) | apparus.keys()
    return Programme(effectif, sans_defaut, retouches, repares, apparus, tuple(bilans))


def _doublon(nombre: int, graine: int) -> int | None:
    """Find the one rank that repeats its neighbour's id, in answers that are large enough."""
    if nombre < _SANS_DOUBLON:
        return None
    return next((rang for rang in range(1, nombre) if cas_de(graine, rang) is Cas.DOUBLON), None)


def _faux_doublons(effectif: int, graine: int, doublon: int | None) -> frozenset[int]:
    """List the ranks that are marked to repeat an id and do not: an answer holds one such pair at most."""
    return frozenset(rang for rang in range(effectif) if rang != doublon and cas_de(graine, rang) is Cas.DOUBLON)


def _a_reparer(nombre: int, graine: int, doublon: int | None) -> list[int]:
    """List the ranks with an unusable node in the order in which they are mended."""
    abimes = [
        rang for rang in range(nombre) if (cas := cas_de(graine, rang)) in INUTILISABLES and cas is not Cas.DOUBLON
    ]
    return abimes if doublon is None else [doublon, *abimes]


def _choisir(graine: int, tour: int, effectif: int, combien: int) -> list[int]:
    """Choose that many ranks, or as many as may be edited, in a walk that meets every rank once."""
    if effectif == 0 or combien <= 0:
        return []
    hasard = alea(graine, 0, flux=Flux.CHOIX + tour)
    depart, pas = entre(hasard, 0, effectif - 1), entre(hasard, 1, effectif)
    while gcd(pas, effectif) != 1:
        pas += 1
    choisis: list[int] = []
    for numero in range(effectif):
        if len(choisis) == combien:
            break
        rang = (depart + numero * pas) % effectif
        if cas_de(graine, rang) not in INUTILISABLES:
            choisis.append(rang)
    return choisis
