"""Chance that can be played again: the same seed, rank and round always draw the same.

Only `random()` is drawn from: its sequence is the one that Python promises to keep from version to version.
Nothing here knows a prospect.
"""

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")

RANG_MAX = 1_000_000
TOUR_MAX = 1_400


class Cas(StrEnum):
    """A rare difficulty, met by a known number of every thousand consecutive prospects."""

    CONTRAT_SANS_TITRE = "contrat sans titre"
    MONTANT_ILLISIBLE = "montant illisible"
    DATE_ILLISIBLE = "date illisible"
    IBAN_FAUX = "IBAN faux"
    SANS_NOM = "prospect sans nom"
    COMMERCIAL_SANS_EMAIL = "commercial sans e-mail"
    DOUBLON = "identifiant déjà donné à la fiche précédente"
    STATUT_INCONNU = "statut inconnu"
    AUTRE_PROSPECT = "contrat qui nomme un autre prospect"
    TELEPHONE_ANNOTE = "téléphone suivi d'une note"
    DEUX_TELEPHONES = "deux téléphones dans un champ"
    COUPLE_UN = "premier d'un couple"
    COUPLE_DEUX = "second d'un couple"


INUTILISABLES = frozenset(
    {
        Cas.CONTRAT_SANS_TITRE,
        Cas.MONTANT_ILLISIBLE,
        Cas.DATE_ILLISIBLE,
        Cas.IBAN_FAUX,
        Cas.SANS_NOM,
        Cas.COMMERCIAL_SANS_EMAIL,
        Cas.DOUBLON,
    }
)

# A thousand places, walked in steps of 617: a thousand consecutive ranks visit each place exactly once, and
# any shorter stretch visits a fair share of each neighbourhood.
_PAS = 617
_PLACES = 1000
_COUPLES = 25
_PREMIER_COUPLE = 100
_PAR_MILLE = {
    Cas.CONTRAT_SANS_TITRE: 2,
    Cas.MONTANT_ILLISIBLE: 2,
    Cas.DATE_ILLISIBLE: 1,
    Cas.IBAN_FAUX: 2,
    Cas.SANS_NOM: 1,
    Cas.COMMERCIAL_SANS_EMAIL: 1,
    Cas.DOUBLON: 1,
    Cas.STATUT_INCONNU: 2,
    Cas.AUTRE_PROSPECT: 1,
    Cas.TELEPHONE_ANNOTE: 2,
    Cas.DEUX_TELEPHONES: 1,
}


def _places() -> dict[int, Cas]:
    """Give each case its places; the second of a couple stands one step after the first."""
    rares = [cas for cas, combien in _PAR_MILLE.items() for _ in range(combien)]
    places = dict(enumerate(rares))
    for place in range(_PREMIER_COUPLE, _PREMIER_COUPLE + _COUPLES):
        places[place] = Cas.COUPLE_UN
        places[(place + _PAS) % _PLACES] = Cas.COUPLE_DEUX
    return places


_CAS_DE_PLACE = _places()


def cas_de(graine: int, rang: int) -> Cas | None:
    """Tell which rare case the prospect of this rank is, if any; how many there are does not matter."""
    return _CAS_DE_PLACE.get((rang * _PAS + graine * 389) % _PLACES)


class Flux(IntEnum):
    """What is drawn for: each has draws of its own, so that one more here moves nothing there.

    To `CHOIX` and `RETOUCHE` the number of the round is added (up to `TOUR_MAX`).
    """

    FICHE = 0
    NOM = 1
    SECONDE_LECTURE = 2
    COMMERCIAL = 3
    UUID = 4
    CHOIX = 4_000
    RETOUCHE = 8_000


def alea(graine: int, rang: int, flux: int = Flux.FICHE) -> Random:
    """Make the generator of one prospect or commercial: its draws depend on nobody else's."""
    # Invented people, not secrets: reproducible is what is wanted.
    return Random(graine << 40 | flux << 24 | rang)  # noqa: S311


def tire(hasard: Random, choix: Sequence[T]) -> T:
    """Draw one of `choix`."""
    return choix[int(hasard.random() * len(choix))]


def chance(hasard: Random, part: float) -> bool:
    """Say yes in `part` of the cases (0 to 1)."""
    return hasard.random() < part


def entre(hasard: Random, bas: int, haut: int) -> int:
    """Draw a whole number, both ends included."""
    return bas + int(hasard.random() * (haut - bas + 1))
