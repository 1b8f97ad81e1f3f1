"""Subscriptions and payments as the source last sent them, made fit to be shown: nothing of an IBAN, BIC or card is left.

Pure: payload bytes in, plain values out. What a key's name gives away is masked, and so is any text in which an IBAN or a card
number is found, whatever its key. Source of the rule: product.md, *Out of scope* and promise 9.
"""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import msgspec

from crm_sync.domain.keys import cle_bic, cle_reference, plier
from crm_sync.domain.masques import CACHE

_CLES_PRIVEES = (
    "iban",
    "bic",
    "swift",
    "rib",
    "carte",
    "card",
    "cvv",
    "cvc",
    "pan",
    "cryptogramme",
    "comptebancaire",
    "numerocompte",
    "accountnumber",
    "token",
    "jeton",
    "secret",
    "password",
    "motdepasse",
    "identit",
)
_MOTS_COURTS = frozenset({"pan", "rib", "bic"})
"""Private only as a whole word: `description` and `panier` are not."""
_IBAN = re.compile(r"[A-Za-z]{2}\s?\d{2}(?:[\s.-]?[A-Za-z0-9]){8,30}")
_CARTE = re.compile(r"(?:\d[\s.-]?){12,18}\d")
_MOTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
PROFONDEUR = 8
LONGUEUR = 500
NOMBRE = 200
GRAND = 10**12
"""Numbers of so many digits may be a card's; they are shown as text, since JavaScript rounds the longest."""
VOCABULAIRES = frozenset({"statut", "status", "etat", "type", "mode", "periodicite", "frequence"})
"""Keys whose values are words of a vocabulary."""

Noeud = dict[str, Any]


def apercu(charge: bytes, references: Mapping[str, str]) -> tuple[list[Noeud], list[Noeud]]:
    """Give the subscriptions and the payments of one prospect's payload.

    `references`: key of a reference → the reference as the CRM writes it, of contracts that may be named; others are left out.
    A payload that is no object, or that cannot be walked, or a relation that is none, gives nothing.
    """
    prospect = _lire(charge)
    souscriptions, versements = [], []
    for souscription in _objets(prospect.get("Souscription") if isinstance(prospect, dict) else None):
        offre, abonnement = souscription.get("offre"), souscription.get("abonnement")
        titres = [c.get("titre") for c in _objets(souscription.get("contrats"))]
        cles = [cle for titre in titres if isinstance(titre, str) and (cle := cle_reference(titre))]
        souscriptions.append(
            {
                "offre": _texte(offre.get("nom")) if isinstance(offre, dict) else None,
                "statut": _texte(souscription.get("statut"), vocabulaire=True),
                "abonnement": masquer_noeud(abonnement) if isinstance(abonnement, dict) else None,
                "contrats": [references[cle] for cle in cles if cle in references],
            }
        )
        versements += [masquer_noeud(paiement) for paiement in _objets(souscription.get("paiements"))]
    return souscriptions[:NOMBRE], versements[:NOMBRE]


def _lire(charge: bytes) -> Any:
    """Read a payload; what strict JSON allows and msgspec does not (a lone surrogate, a huge number) is read the slow way."""
    try:
        return msgspec.json.decode(charge)
    except RecursionError:
        return None
    except msgspec.MsgspecError:
        pass
    try:
        return _montrable(json.loads(charge))
    except (ValueError, RecursionError):
        return None


def _montrable(valeur: Any) -> Any:
    """Give a JSON value that can be written as JSON again: U+FFFD for a lone surrogate, a number without end as text."""
    if isinstance(valeur, dict):
        return {_montrable(cle): _montrable(v) for cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_montrable(v) for v in valeur]
    if isinstance(valeur, str):
        return valeur.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(valeur) if isinstance(valeur, float) and not isfinite(valeur) else valeur


def masquer_noeud(valeur: Any, profondeur: int = 0) -> Any:
    """Give a JSON value without its private parts; what is too deep or too long is cut."""
    if isinstance(valeur, dict):
        if profondeur >= PROFONDEUR:
            return None
        return {
            masquer_texte(str(cle)[:LONGUEUR]): CACHE
            if cle_privee(str(cle)) and v is not None
            else masquer_texte(v[:LONGUEUR], vocabulaire=True)
            if isinstance(v, str) and plier(str(cle)) in VOCABULAIRES
            else masquer_noeud(v, profondeur + 1)
            for cle, v in valeur.items()
        }
    if isinstance(valeur, list):
        return [masquer_noeud(v, profondeur + 1) for v in valeur[:NOMBRE]] if profondeur < PROFONDEUR else None
    if isinstance(valeur, str):
        return masquer_texte(valeur[:LONGUEUR])
    if isinstance(valeur, int) and abs(valeur) >= GRAND:  # it may be a card's
        return masquer_texte(str(valeur))
    return valeur


def cle_privee(cle: str) -> bool:
    """Tell whether a key's name says that its value is private."""
    mots = [plier(mot) for mot in _MOTS.findall(cle)]
    colle = "".join(mots)
    return any(mot in mots if mot in _MOTS_COURTS else mot in colle for mot in _CLES_PRIVEES)


def masquer_texte(texte: str, *, vocabulaire: bool = False) -> str:
    """Give a text, masked as a whole where an IBAN or a card number is found in it, or where it has the form of a BIC.

    `vocabulaire`: it is one of a few words, and a word in capitals may have the form of a BIC (`TERMINEE`).
    """
    if _IBAN.search(texte) and any(_est_iban(trouve) for trouve in _IBAN.findall(texte)):
        return CACHE
    if any(_est_carte(trouve) for trouve in _CARTE.findall(texte)):
        return CACHE
    return CACHE if not vocabulaire and texte.isupper() and cle_bic(texte) is not None else texte


def _est_iban(texte: str) -> bool:
    """Tell whether a text begins with an IBAN of any length: what follows one may have been taken for a part of it."""
    compact = re.sub(r"[^A-Za-z0-9]", "", texte).upper()
    return any(_modulo_97(compact[:longueur]) == 1 for longueur in range(15, len(compact) + 1))


def _modulo_97(iban: str) -> int:
    return int("".join(str(int(lettre, 36)) for lettre in iban[4:] + iban[:4])) % 97


def _est_carte(texte: str) -> bool:
    """Tell whether digits pass the check of card numbers (Luhn)."""
    chiffres = [int(c) for c in texte if c.isdigit()]
    doubles = [d * 2 - 9 * (d > 4) for d in chiffres[-2::-2]]  # noqa: PLR2004  Luhn: the digits of twice d
    return (sum(chiffres[-1::-2]) + sum(doubles)) % 10 == 0


def _objets(valeur: Any) -> list[Noeud]:
    """Give the objects of a relation: of a list those that are, one alone as it is."""
    if isinstance(valeur, dict):
        return [valeur]
    return [v for v in valeur if isinstance(v, dict)] if isinstance(valeur, list) else []


def _texte(valeur: Any, *, vocabulaire: bool = False) -> str | None:
    if isinstance(valeur, str):
        return masquer_texte(valeur[:LONGUEUR], vocabulaire=vocabulaire)
    return str(valeur) if isinstance(valeur, int) and not isinstance(valeur, bool) else None
