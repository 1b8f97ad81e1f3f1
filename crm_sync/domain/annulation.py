"""Undoing: what of a run can be taken back, row by row and field by field, from the journal and what the CRM holds now.

One rule: a value or a row is taken back only where it still is as that run left it. Source: product.md, promise 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from crm_sync.domain.canonique import memes
from crm_sync.domain.types import CHAMPS

OBLIGATOIRES = frozenset({"nom", "reference", "client_id", "commercial_id"})
"""Fields that a row of the CRM cannot be without: what led nowhere before is not put back."""

Sort = Literal["restaure", "garde", "impossible"]


@dataclass(frozen=True, slots=True)
class Present:
    """A CRM row as it is now: its version, its values as text, and whether the last to write it was a sync."""

    jeton: str
    valeurs: Mapping[str, str | None]
    de_nous: bool


@dataclass(frozen=True, slots=True)
class Retour:
    """What becomes of one journal entry.

    `champs` are the fields to put back, with the values they get; `retirer` takes the whole row away; `sorts` says per field
    (or under `ligne`) what and why, for a person.
    """

    crm_id: str
    jeton: str | None = None
    champs: Mapping[str, str | None] = field(default_factory=dict)
    retirer: bool = False
    sorts: tuple[tuple[str, Sort, str], ...] = ()


def retour(entite: str, entree: Mapping[str, Any], present: Present | None, usages: Sequence[str]) -> Retour:
    """Decide one journal entry (`crm_id`, `action`, `valeurs`, `champs`).

    `present` is None where the CRM has no such row; `usages` says in French who uses a row that the run made.
    """
    crm_id = entree["crm_id"]
    if entree["action"] == "suppression":
        raison = "une ligne retirée par une annulation revient quand la source la change"
        return Retour(crm_id, sorts=(("ligne", "impossible", raison),))
    if entree["action"] == "conflit":
        return Retour(crm_id)
    if present is None:
        return Retour(crm_id, sorts=(("ligne", "impossible", "la ligne n'existe plus dans le CRM"),))
    if entree["action"] == "creation":
        return _retirer(entite, entree, present, usages)
    remettre: dict[str, str | None] = {}
    sorts: list[tuple[str, Sort, str]] = []
    genres = {c.nom: c.genre for c in CHAMPS[entite]}
    for champ, change in entree["champs"].items():
        if change.get("avant") == change["apres"]:
            continue
        if change.get("avant") is None and champ in OBLIGATOIRES:
            sorts.append((champ, "impossible", "la valeur d'avant ne menait à rien"))
        elif memes(present.valeurs.get(champ), change["apres"], genres[champ]):
            remettre[champ] = change.get("avant")
            sorts.append((champ, "restaure", "la valeur d'avant est remise"))
        else:
            sorts.append((champ, "garde", "modifié depuis"))
    return Retour(crm_id, present.jeton, remettre, sorts=tuple(sorts))


def _retirer(entite: str, entree: Mapping[str, Any], present: Present, usages: Sequence[str]) -> Retour:
    """Decide a row that the run made: taken away where nobody has edited or used it since."""
    crm_id, valeurs = entree["crm_id"], entree["valeurs"] or {}
    intacte = present.de_nous and all(
        memes(present.valeurs.get(c.nom), valeurs.get(c.nom), c.genre) for c in CHAMPS[entite]
    )
    if not intacte:
        return Retour(crm_id, sorts=(("ligne", "garde", "modifiée depuis sa création"),))
    if usages:
        return Retour(crm_id, sorts=(("ligne", "garde", f"utilisée depuis : {', '.join(usages)}"),))
    return Retour(crm_id, present.jeton, retirer=True, sorts=(("ligne", "restaure", "la ligne créée est retirée"),))
