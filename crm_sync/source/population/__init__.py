"""Invented prospects in the shape of the colleague's endpoint: as many as asked for, always the same.

What belongs here: pure functions of a seed, a number and the rounds gone by (`Evolution`). What does not:
HTTP, the clock, files. The reference source (`source.reference`) and the bench answer with what these give.
"""

from collections.abc import Iterable, Iterator

import msgspec

from crm_sync.source.population.commerciaux import Commerciaux
from crm_sync.source.population.evolution import Bilan, Evolution, nombre_touche, programmer
from crm_sync.source.population.fiches import Fiche, fiche
from crm_sync.source.population.instants import MINUTE, moment_du_tour
from crm_sync.source.population.retouches import dater_la_reparation, retoucher

__all__ = [
    "DEPART",
    "Bilan",
    "Evolution",
    "Fiche",
    "assembler",
    "corps",
    "encodes",
    "nombre_touche",
    "programmer",
    "prospects",
]

DEPART = Evolution()
"""The first answer: no round has gone by."""


def prospects(nombre: int, graine: int, etat: Evolution = DEPART) -> Iterator[Fiche]:
    """Give the prospects of an answer one by one, in the order of their creation, and keep none.

    `nombre` is what the first answer holds; the rounds of `etat` add theirs. The same arguments give the same
    prospects on every machine, on every day.

    Raises:
        ValueError: a negative number or seed, or more than a million prospects (at the first `next`).
    """
    programme = programmer(nombre, graine, etat)
    equipe = Commerciaux(graine, nombre)
    for rang in range(programme.effectif):
        apparu, repare = programme.apparus.get(rang), programme.repares.get(rang)
        resultat = fiche(
            graine,
            rang,
            equipe,
            repare=repare is not None or rang in programme.sans_defaut,
            apparu_ms=None if apparu is None else moment_du_tour(apparu) - 10 * MINUTE,
        )
        if repare is not None:
            dater_la_reparation(resultat, graine, rang, repare)
        for tour in programme.retouches.get(rang, ()):
            retoucher(resultat, graine, rang, tour, equipe)
        yield resultat


def encodes(nombre: int, graine: int, etat: Evolution = DEPART) -> Iterator[bytes]:
    """Give the same prospects, each written as `JSON.stringify` would: UTF-8, no space.

    Raises:
        ValueError: as `prospects`.
    """
    return map(msgspec.json.encode, prospects(nombre, graine, etat))


def assembler(elements: Iterable[bytes]) -> bytes:
    """Make the body of an answer, a JSON array, from its encoded prospects."""
    return b"[" + b",".join(elements) + b"]"


def corps(nombre: int, graine: int, tour: int = 0, part_changee: float = 0.01) -> bytes:
    """Give the whole body of the answer after `tour` rounds that each touched `part_changee` (0 to 1) of it.

    Raises:
        ValueError: as `prospects`, or a share that is not between 0 and 1.
    """
    return assembler(encodes(nombre, graine, Evolution.reguliere(nombre, tour, part_changee)))
