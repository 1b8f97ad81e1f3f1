"""Which words of a CRM mean ours: the labels of an enum, the words of a CHECK, or the spellings that a text column uses.

Our words are those of `domain.statuts` (statuses) and `domain.noms_crm` (roles). A label that the vocabulary does not know
is named for a person to decide, and two labels for one word of ours are a hole.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crm_sync.domain.noms_crm import forme, vocabulaire
from crm_sync.domain.statuts import STATUTS, statut, statut_connu

ROLES = ("commercial", "manager", "admin")


@dataclass(frozen=True, slots=True)
class Mot:
    """One word of ours: theirs, or None for a hole with its candidates. `raison` is French."""

    notre: str
    leur: str | None
    raison: str
    candidats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mots:
    """All words of one field; `sans_sens` are labels of theirs that no word of ours answers to."""

    mots: tuple[Mot, ...]
    sans_sens: tuple[str, ...]


def apparier(champ: str, leurs: Iterable[str]) -> Mots:
    """Pair the labels of an enum with our words of this field (`statut` or `role`)."""
    return _apparier(STATUTS, leurs, _statut) if champ == "statut" else _apparier(ROLES, leurs, _role)


def des_orthographes(valeurs: int, vues: Mapping[str, Mapping[str, int]]) -> Mots:
    """Pair our statuses with the spellings that a text column uses; a status that no row has keeps its own word.

    Empty where our own words are those in use.
    """
    mots: list[Mot] = []
    for notre in STATUTS:
        siennes = vues.get(notre, {})
        if not siennes:
            mots.append(Mot(notre, notre, "aucune ligne lue ne le porte ; notre mot serait écrit"))
        elif len(siennes) == 1:
            leur, compte = next(iter(siennes.items()))
            mots.append(Mot(notre, leur, f"{compte} des {valeurs} lignes lues"))
        else:
            mots.append(Mot(notre, None, "plusieurs orthographes servent", tuple(siennes)))
    ecrits = all(mot.leur == mot.notre for mot in mots)
    return Mots(() if ecrits else tuple(mots), ())


def _statut(label: str) -> str | None:
    return statut(label) if statut_connu(label) else None


def _role(label: str) -> str | None:
    return vocabulaire().roles.get(forme(label))


def _apparier(notres: Iterable[str], leurs: Iterable[str], sens: Callable[[str], str | None]) -> Mots:
    leurs = tuple(leurs)
    par_notre: dict[str, list[str]] = {}
    for label in leurs:
        if (notre := sens(label)) is not None:
            par_notre.setdefault(notre, []).append(label)
    sans_sens = tuple(label for label in leurs if sens(label) is None)
    mots = []
    for notre in notres:
        siens = par_notre.get(notre, [])
        if len(siens) == 1:
            mots.append(Mot(notre, siens[0], "mot connu"))
        elif siens:
            mots.append(Mot(notre, None, "plusieurs de leurs mots le disent", tuple(siens)))
        else:
            mots.append(Mot(notre, None, "aucun de leurs mots connus ne le dit", sans_sens or leurs))
    return Mots(tuple(mots), sans_sens)
