"""When two names may be one person's, and when they cannot be.

There are three outcomes: the *same* name, *plainly different* names, and neither of the two, which is often
what a missing name leads to. Which of them lets whom be linked by what is `domain.identity`'s business.

Source of every rule: product.md, *Matching (identity)*, name. Its first sentences are the strict form, which
holds everywhere; its "Under the e-mail rule alone also" is the loose form, asked for by `par_email`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Self

from crm_sync.domain.keys import cle_nom

LETTRES_POUR_UNE_COQUILLE = 5
FINALES_DU_FEMININ = ("e", "le", "ne", "te", "a")
VOYELLES_FINALES = frozenset("aeiou")
GENRES_PROCHES = (("ie", "ien"), ("ane", "anie"))
"""Endings a letter apart that tell a woman from a man: Julie and Julien, Stéphane and Stéphanie."""


@dataclass(frozen=True, slots=True)
class Nom:
    """What is known of a person's name: folded keys (`cle_nom`) and the date of birth; None is not known."""

    nom: str | None
    prenom: str | None
    naissance: date | None = None

    @classmethod
    def plie(cls, nom: str | None, prenom: str | None, naissance: date | None = None) -> Self:
        """Make one of names as typed."""
        return cls(cle_nom(nom), cle_nom(prenom), naissance)


def prenoms_s_accordent(a: str | None, b: str | None, *, par_email: bool = False) -> bool:
    """Whether two first names, as typed or folded, agree. Symmetric.

    "Two first names *agree* when equal or one is a part of the other (`Jean`, `Jean-Pierre`)": a part is one
    or more whole words that follow one another, and spaces do not count (`N Diaye`, `Ndiaye`). A missing one
    agrees with nothing.

    With `par_email`, "also: one is missing, an initial of the other" (`J`, `J P` or `Jean P` for
    `Jean-Pierre`), "or, from five letters on, one slip apart": one letter more, less or other, or two
    exchanged, in one word of at least five letters in both spellings, the other words being equal. "But a
    final e, le, ne or te more or less is never a slip", of whichever word; nor is what else tells a woman's
    name from a man's: a final a more (Gabriel, Gabriela), another final vowel (Alexandre, Alexandra; a final y
    is an i), and `GENRES_PROCHES`.
    """
    if a is not None and a == b:
        return par_email or cle_nom(a) is not None
    mots_a, mots_b = _mots(a), _mots(b)
    if not mots_a or not mots_b:
        return par_email
    court, long = sorted((mots_a, mots_b), key=len)
    # Both ways: `N Diaye` has more words than `Ndiaye`, and is a part of it.
    if _est_partie(court, long) or _est_partie(long, court):
        return True
    return par_email and (_a_pour_initiales(court, long) or _a_une_coquille(court, long))


def noms_s_accordent(a: str | None, b: str | None, *, par_email: bool = False) -> bool:
    """Whether two last names agree: "last names likewise", see `prenoms_s_accordent`. Symmetric."""
    return prenoms_s_accordent(a, b, par_email=par_email)


def memes_noms(a: Nom, b: Nom) -> bool:
    """Whether two people have the *same name*: "both agree", as given or exchanged. Symmetric.

    Strict: this is what a shared telephone asks for. A missing name agrees with nothing, so who has no first
    name has nobody's name. Two known and different dates of birth are two people, whatever they are called.
    """
    if _nes_a_des_dates_differentes(a, b):
        return False
    return (noms_s_accordent(a.nom, b.nom) and prenoms_s_accordent(a.prenom, b.prenom)) or (
        noms_s_accordent(a.nom, b.prenom) and prenoms_s_accordent(a.prenom, b.nom)
    )


def accord_par_email(a: Nom, b: Nom) -> bool:
    """Whether two people who share an e-mail address may be one: rule 4 of *Client*. Symmetric.

    "Whose first names agree" in the loose form ("a last name changes by marriage; a couple or a father and
    son with one address are two people"), or both names exchanged, all four known. So a missing first name
    agrees with any, even where the last names are plainly different; where both are missing, the last names
    must agree, for nothing else is left that could. Two known and different dates of birth: no.
    """
    if _nes_a_des_dates_differentes(a, b):
        return False
    if not a.prenom and not b.prenom:
        return noms_s_accordent(a.nom, b.nom, par_email=True)
    if prenoms_s_accordent(a.prenom, b.prenom, par_email=True):
        return True
    echanges = ((a.nom, b.prenom), (b.nom, a.prenom))
    return all(x and y and noms_s_accordent(x, y, par_email=True) for x, y in echanges)


def noms_clairement_differents(a: Nom, b: Nom) -> bool:
    """Whether two people are *plainly different*: "neither" name agrees, as given or exchanged. Symmetric.

    "Two different dates of birth, where both are known: plainly different" as well. What is missing neither
    agrees nor differs: where one has no first name the last names decide alone, and where no name is known on
    both sides nothing is plain.
    """
    if _nes_a_des_dates_differentes(a, b):
        return True
    comparables = (a.nom and b.nom) or (a.prenom and b.prenom)
    return bool(comparables) and not any(
        noms_s_accordent(nom_a, nom_b)
        for nom_a, nom_b in ((a.nom, b.nom), (a.prenom, b.prenom), (a.nom, b.prenom), (a.prenom, b.nom))
    )


def _nes_a_des_dates_differentes(a: Nom, b: Nom) -> bool:
    return a.naissance is not None and b.naissance is not None and a.naissance != b.naissance


def _mots(texte: str | None) -> list[str]:
    return (cle_nom(texte) or "").split()


def _est_partie(court: list[str], long: list[str]) -> bool:
    """Whether some words of `long` that follow one another spell `court`, spaces aside."""
    cherche = "".join(court)
    for debut in range(len(long)):
        suite = ""
        for mot in long[debut:]:
            suite += mot
            if suite == cherche:
                return True
            if not cherche.startswith(suite):
                break
    return False


def _a_pour_initiales(court: list[str], long: list[str]) -> bool:
    """Whether `long` begins with the words of `court`, some of them written as initials on either side."""
    paires = zip(court, long, strict=False)
    return all(x == y or (1 in (len(x), len(y)) and x[0] == y[0]) for x, y in paires)


def _a_une_coquille(a: list[str], b: list[str]) -> bool:
    """Whether the words are the same but for one slip in one of them."""
    if len(a) != len(b):
        return False
    differents = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(differents) == 1 and _sont_a_une_coquille(*differents[0])


def _sont_a_une_coquille(a: str, b: str) -> bool:
    """Whether two different words, long enough, are one slip apart; masculine and feminine are not."""
    court, long = sorted((a, b), key=len)
    if len(court) < LETTRES_POUR_UNE_COQUILLE or _sont_de_genres_differents(court, long):
        return False
    debut = 0
    while debut < len(court) and court[debut] == long[debut]:
        debut += 1
    reste_court, reste_long = court[debut:], long[debut:]
    while reste_court and reste_court[-1] == reste_long[-1]:
        reste_court, reste_long = reste_court[:-1], reste_long[:-1]
    # What is left between the common ends: a letter more, another letter, or two exchanged.
    return len(reste_long) == 1 or (len(reste_long) == 2 and reste_court == reste_long[::-1])  # noqa: PLR2004


def _sont_de_genres_differents(court: str, long: str) -> bool:
    """Whether what differs is an ending that tells a woman's name from a man's."""
    if any(long == court + finale for finale in FINALES_DU_FEMININ):
        return True
    if len(court) == len(long):
        return court[:-1] == long[:-1] and {court[-1], long[-1]} <= VOYELLES_FINALES
    return any(court.endswith(bref) and long == court.removesuffix(bref) + etendu for bref, etendu in GENRES_PROCHES)
