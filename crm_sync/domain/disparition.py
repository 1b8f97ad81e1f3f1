"""When what the source no longer sends is *disparu*: complete answers, how often and how long, approvals.

Every rule of product.md, *Disappearance*, stands here, about nodes that somebody else found missing or held; no rule about
how that is found (`crm.disparition`). Times are aware; nothing here reads a clock: an answer brings its own time.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PART_TOLEREE = 10
"""One in so many of the known prospects, or contracts, may be missing from a complete answer: 10 %, rounded down."""

MESUREES = ("client", "contrat")
"""The entities whose number says whether an answer is complete; bank details follow their prospects."""

Noeud = tuple[str, str]
"""A node of the source: entity (`client`, `contrat`, `information_paiement`) and source id."""


@dataclass(frozen=True, slots=True)
class Seuils:
    """From when on a missing node is *disparu*: hours since the first complete answer without it, and answers in a row."""

    heures: int = 24
    reponses: int = 3


@dataclass(frozen=True, slots=True)
class Absence:
    """How long a node has been missing: since which answer's time, from how many complete answers; None: not marked."""

    depuis: datetime
    reponses: int
    disparu_le: datetime | None = None


@dataclass(frozen=True, slots=True)
class Jugement:
    """What one answer proves. `retenus`: nodes that it lacks and that it is not complete enough to count.

    `absences`: the open absences that are new, counted on or marked; `marques`: those of them marked now; `revenus`: nodes
    whose open absence ends; `approbation_utilisee`: a person's approval was spent on this answer.
    """

    complete: bool
    retenus: int = 0
    absences: Mapping[Noeud, Absence] = field(default_factory=dict)
    revenus: frozenset[Noeud] = frozenset()
    marques: frozenset[Noeud] = frozenset()
    approbation_utilisee: bool = False


def tolerance(connus: int) -> int:
    """Say how many of so many known nodes a complete answer may lack."""
    return max(1, connus // PART_TOLEREE)


def est_complete(connus: Mapping[str, int], manquants: Iterable[Noeud], *, doublons: bool) -> bool:
    """Tell whether a well-formed answer is complete.

    `connus`: known nodes by entity, those already *disparu* left out, as in `manquants`; `doublons`: a prospect came more
    than once.
    """
    if doublons:
        return False
    absents = dict.fromkeys(MESUREES, 0)
    for entite, _ in manquants:
        if entite in absents:
            absents[entite] += 1
    return all(nombre <= tolerance(connus.get(entite, 0)) for entite, nombre in absents.items())


def juger(
    recue_le: datetime,
    *,
    complete: bool,
    manquants: Collection[Noeud],
    tenus: Collection[Noeud],
    absences: Mapping[Noeud, Absence],
    seuils: Seuils,
    approbation: int | None = None,
) -> Jugement:
    """Judge one answer, received at `recue_le`; a node is in `manquants`, in `tenus`, or proves nothing.

    `manquants`: known nodes that it lacks, those already marked left out; `tenus`: nodes that it holds, at least those with
    an open absence; `absences`: the open ones; `approbation`: how many removals a person approved, None without one.
    """
    approuvee = approbation is not None and len(manquants) <= approbation
    revenus = frozenset(absences.keys() & tenus)
    if not (complete or approuvee):
        return Jugement(complete=False, retenus=len(manquants), revenus=revenus)
    comptees = {
        noeud: _compter(absences.get(noeud), recue_le, seuils, approuvee=approuvee)
        for noeud in dict.fromkeys(manquants)
    }
    marques = frozenset(noeud for noeud, absence in comptees.items() if absence.disparu_le)
    return Jugement(complete=True, absences=comptees, revenus=revenus, marques=marques, approbation_utilisee=approuvee)


def _compter(absence: Absence | None, recue_le: datetime, seuils: Seuils, *, approuvee: bool) -> Absence:
    """Count one more complete answer without this node; it is marked when it has been missing often and long enough."""
    depuis, reponses = (absence.depuis, absence.reponses + 1) if absence else (recue_le, 1)
    mur = reponses >= seuils.reponses and recue_le - depuis >= timedelta(hours=seuils.heures)
    return Absence(depuis, reponses, recue_le if mur or approuvee else None)
