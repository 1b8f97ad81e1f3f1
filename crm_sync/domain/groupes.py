"""Which prospects of one answer are one person: the rules by key among them, so that their order changes nothing.

Source: product.md, *Matching (identity)*, "Prospects of one answer may be the same person".
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from crm_sync.domain.decisions import PROSPECT
from crm_sync.domain.monde import REGLES, Accord, Monde, par_nom
from crm_sync.domain.names import Nom, noms_clairement_differents


@dataclass(frozen=True, slots=True)
class Groupes:
    """`tetes`: rank → rank of the head (the least) of its group. `sortes`: rank → kinds of key that tie it to others."""

    tetes: dict[int, int]
    sortes: dict[int, set[str]] = field(default_factory=dict)

    def membres(self) -> dict[int, list[int]]:
        """List the members of each group, in order, by its head."""
        membres: dict[int, list[int]] = defaultdict(list)
        for porteur, tete in self.tetes.items():
            membres[tete].append(porteur)
        return membres


def grouper(monde: Monde) -> Groupes:
    """Group the free prospects by shared keys that are not generic, and by decisions.

    A group in which two members are plainly different, or decided to be, keeps its e-mail links only; where two still
    are, each stands alone. Whom a decision unites stays united.
    """
    libres = sorted(monde.libres)
    tous, par_email, unites = _Ensembles(libres), _Ensembles(libres), _Ensembles(libres)
    sortes: dict[int, set[str]] = defaultdict(set)
    for classe in _classes(monde):
        for ensembles in (tous, par_email, unites):
            ensembles.unir_tous(classe)
    for regle, _, accord in REGLES:
        for cle, porteurs in monde.partagees[regle].items():
            miens = [p for p in porteurs if p in monde.libres]
            if len(miens) > 1 and (regle, cle) not in monde.generiques:
                for lies in _lies(miens, monde.noms, accord):
                    tous.unir_tous(lies)
                    if regle == "email":
                        par_email.unir_tous(lies)
                    for porteur in lies:
                        sortes[porteur].add(regle)
    tetes = {porteur: porteur for porteur in libres}
    restants = libres
    for ensembles in (tous, par_email, unites):
        restants = _adopter(monde, restants, ensembles, unites, tetes)
    return Groupes(tetes, sortes)


def _classes(monde: Monde) -> list[list[int]]:
    """List the free prospects that decisions unite, each class once."""
    if not monde.verdicts.classes:
        return []
    classes: dict[str, list[int]] = defaultdict(list)
    for porteur in sorted(monde.libres):
        classes[monde.verdicts.tete(PROSPECT + monde.ids[porteur])].append(porteur)
    return [classe for classe in classes.values() if len(classe) > 1]


def _lies(porteurs: list[int], noms: list[Nom], accord: Accord) -> list[list[int]]:
    """List the sets of bearers of one key whose names the rule accepts; bearers of one name are compared once."""
    rangees = par_nom(porteurs, noms)
    lies = [memes for nom, memes in rangees if len(memes) > 1 and accord(nom, nom)]
    for (nom, memes), (autre_nom, autres) in combinations(rangees, 2):
        if accord(nom, autre_nom):
            lies.append([*memes, *autres])
    return lies


def _adopter(
    monde: Monde, restants: list[int], ensembles: "_Ensembles", unites: "_Ensembles", tetes: dict[int, int]
) -> list[int]:
    """Adopt the sets without strangers as groups; return the members of the others."""
    par_tete: dict[int, list[int]] = defaultdict(list)
    for porteur in restants:
        par_tete[ensembles.tete(porteur)].append(porteur)
    encore: list[int] = []
    for tete, membres in par_tete.items():
        if len(membres) > 1 and ensembles is not unites and _a_des_etrangers(monde, membres, unites):
            encore += membres
        else:
            tetes.update(dict.fromkeys(membres, tete))
    return encore


def _a_des_etrangers(monde: Monde, membres: list[int], unites: "_Ensembles") -> bool:
    """Whether two members are plainly different, save within a decided unit, or decided to be different."""
    if not monde.verdicts.classes:
        if any(noms_clairement_differents(a, b) for a, b in combinations({monde.noms[m] for m in membres}, 2)):
            return True
    else:
        distincts = {(unites.tete(m), monde.noms[m]) for m in membres}
        for (unite_a, a), (unite_b, b) in combinations(distincts, 2):
            if unite_a != unite_b and noms_clairement_differents(a, b):
                return True
    if not monde.verdicts.differents:
        return False
    noeuds = {monde.verdicts.tete(PROSPECT + monde.ids[m]) for m in membres}
    return any(a in noeuds and b in noeuds for a, b in monde.verdicts.differents)


class _Ensembles:
    """Disjoint sets of ranks; the head of a set is its least rank, so that no order matters."""

    def __init__(self, rangs: Iterable[int]) -> None:
        self._parent = {rang: rang for rang in rangs}

    def tete(self, rang: int) -> int:
        while self._parent[rang] != rang:
            self._parent[rang] = self._parent[self._parent[rang]]
            rang = self._parent[rang]
        return rang

    def unir_tous(self, rangs: list[int]) -> None:
        tetes = {self.tete(rang) for rang in rangs}
        premiere = min(tetes)
        for tete in tetes:
            self._parent[tete] = premiere
