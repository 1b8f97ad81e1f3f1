"""Which client of the CRM a prospect is: link, then e-mail, then phone with the same name, else a new client.

The first rule that answers decides. A key alone is weak evidence: an e-mail links only where the first names agree (a
couple shares an address), a phone only where the names are the same (families share phones). The same rules hold among
the prospects of one answer, so that their order changes nothing. Source: product.md, *Matching (identity)*.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from crm_sync.domain.names import (
    Nom,
    accord_par_email,
    memes_noms,
    noms_clairement_differents,
    noms_s_accordent,
)

if TYPE_CHECKING:
    import pandas as pd

JAMAIS = "\uffff"
"""Sorts after every instant: a row without a date is the youngest."""

Accord = Callable[[Nom, Nom], bool]
REGLES: tuple[tuple[str, str, Accord], ...] = (
    ("email", "cle_email", accord_par_email),
    ("telephone", "cles_telephone", memes_noms),
)


def identifier(prospects: "pd.DataFrame", clients: "pd.DataFrame") -> "pd.DataFrame":
    """Decide who each prospect is.

    `prospects`: one row per prospect without link, columns `source_id`, `cle_nom`, `cle_prenom`, `naissance`, `cle_email`,
    `cles_telephone` (keys separated by spaces). `clients`: CRM clients that share a key with one of them, columns
    `crm_id`, `cle_nom`, `cle_prenom`, `cle_email`, `cles_telephone`, `cree_le`.

    Returns one row per prospect, in the order of `source_id`: `source_id`, `crm_id` (NA: a new client), `groupe` (prospects
    of one group are one person), `regle` (`email`, `telephone`, `creation`), `ambigus` (other CRM clients that the rule
    accepted as well, separated by spaces, NA where none).
    """
    import pandas as pd

    prospects = prospects.sort_values("source_id")
    ids = prospects["source_id"].tolist()
    noms = dict(zip(ids, _noms(prospects), strict=True))
    noms_crm = dict(zip(clients["crm_id"].tolist(), _noms(clients), strict=True))
    anciennete = dict(zip(clients["crm_id"].tolist(), clients["cree_le"].fillna(JAMAIS).tolist(), strict=True))

    choix: dict[str, tuple[str, str, list[str]]] = {}
    liens, liens_email = _Ensembles(ids), _Ensembles(ids)
    for regle, colonne, accord in REGLES:
        cles = _par_cle(ids, prospects[colonne])
        cles_crm = _par_cle(clients["crm_id"].tolist(), clients[colonne])
        candidats: dict[str, list[str]] = defaultdict(list)
        for cle, porteurs in cles.items():
            tenants = cles_crm.get(cle, [])
            if len(porteurs) + len(tenants) == 1:
                continue
            if _generique([*(noms[p] for p in porteurs), *(noms_crm[t] for t in tenants)]):
                continue
            for ensembles in (liens, liens_email) if regle == "email" else (liens,):
                _lier_porteurs(porteurs, noms, accord, ensembles)
            for porteur in porteurs:
                candidats[porteur] += [t for t in tenants if accord(noms[porteur], noms_crm[t])]
        for porteur, tenants in candidats.items():
            if tenants and porteur not in choix:
                retenu, autres = _choisir(noms[porteur], tenants, noms_crm, anciennete)
                choix[porteur] = (regle, retenu, autres)

    groupes = _groupes(ids, noms, liens, liens_email)
    _etendre_aux_groupes(ids, groupes, choix)
    return pd.DataFrame(
        {
            "source_id": ids,
            "crm_id": [choix[i][1] if i in choix else None for i in ids],
            "groupe": [groupes[i] for i in ids],
            "regle": [choix[i][0] if i in choix else "creation" for i in ids],
            "ambigus": [" ".join(choix[i][2]) or None if i in choix else None for i in ids],
        },
        dtype=prospects["source_id"].dtype,
    )


def _noms(lignes: "pd.DataFrame") -> list[Nom]:
    """Give the names of prospects or clients; the CRM knows no date of birth."""
    naissances = lignes["naissance"].tolist() if "naissance" in lignes else [None] * len(lignes)
    return [
        Nom(
            nom if isinstance(nom, str) else None,
            prenom if isinstance(prenom, str) else None,
            date.fromisoformat(naissance) if isinstance(naissance, str) else None,
        )
        for nom, prenom, naissance in zip(
            lignes["cle_nom"].tolist(), lignes["cle_prenom"].tolist(), naissances, strict=True
        )
    ]


def _par_cle(ids: list[str], colonne: "pd.Series[str]") -> dict[str, list[str]]:
    """Turn a column of keys (several in one text) into key → ids, in the order of `ids`."""
    trouves: dict[str, list[str]] = defaultdict(list)
    for qui, cles in zip(ids, colonne.fillna("").tolist(), strict=True):
        for cle in cles.split():
            trouves[cle].append(qui)
    return trouves


def _lier_porteurs(porteurs: list[str], noms: dict[str, Nom], accord: Accord, groupes: "_Ensembles") -> None:
    """Unite the prospects of one key whose names the rule accepts; bearers of one name are compared once."""
    par_nom: dict[Nom, list[str]] = defaultdict(list)
    for porteur in porteurs:
        par_nom[noms[porteur]].append(porteur)
    distincts = list(par_nom.items())
    for rang, (nom, memes) in enumerate(distincts):
        if accord(nom, nom):
            for autre in memes[1:]:
                groupes.unir(memes[0], autre)
        for autre_nom, autres in distincts[rang + 1 :]:
            if accord(nom, autre_nom):
                for a in memes:
                    groupes.unir(a, autres[0])
                for b in autres[1:]:
                    groupes.unir(memes[0], b)


def _generique(noms: Iterable[Nom]) -> bool:
    """Tell whether a key stands with three or more people of plainly different names: it then tells nobody apart."""
    distincts = list(dict.fromkeys(noms))
    differents: list[set[int]] = []
    for rang, nom in enumerate(distincts):
        autres = {i for i in range(rang) if noms_clairement_differents(nom, distincts[i])}
        if any(differents[i] & autres for i in autres):
            return True
        differents.append(autres)
    return False


def _choisir(
    nom: Nom, tenants: list[str], noms_crm: dict[str, Nom], anciennete: dict[str, str]
) -> tuple[str, list[str]]:
    """Choose among several clients that one rule accepts: those of the same last name, then the oldest row."""
    tenants = sorted(set(tenants), key=lambda tenant: (anciennete[tenant], tenant))
    proches = [t for t in tenants if noms_s_accordent(nom.nom, noms_crm[t].nom)] or tenants
    return proches[0], [t for t in tenants if t != proches[0]]


def _groupes(ids: list[str], noms: dict[str, Nom], *ensembles: "_Ensembles") -> dict[str, str]:
    """Give each prospect the head of its group: by the first links under which no two members are plainly different.

    Who links two strangers (a missing first name agrees with any) unites nobody: where no links are left, each stands alone.
    """
    groupes = {qui: qui for qui in ids}
    restants = ids
    for liens in ensembles:
        par_tete: dict[str, list[str]] = defaultdict(list)
        for qui in restants:
            par_tete[liens.tete(qui)].append(qui)
        restants = []
        for tete, membres in par_tete.items():
            if any(noms_clairement_differents(a, b) for a, b in combinations({noms[m] for m in membres}, 2)):
                restants += membres
            else:
                groupes.update(dict.fromkeys(membres, tete))
    return groupes


def _etendre_aux_groupes(ids: list[str], groupes: dict[str, str], choix: dict[str, tuple[str, str, list[str]]]) -> None:
    """Give the members of a group that no rule placed the client of a member that one did: by e-mail before phone."""
    ordre = {regle: rang for rang, (regle, _, _) in enumerate(REGLES)}
    meilleurs: dict[str, tuple[int, str, tuple[str, str, list[str]]]] = {}
    for qui in ids:
        if qui in choix:
            candidat = (ordre[choix[qui][0]], choix[qui][1], choix[qui])
            tete = groupes[qui]
            meilleurs[tete] = min(meilleurs.get(tete, candidat), candidat)
    for qui in ids:
        if qui not in choix and groupes[qui] in meilleurs:
            choix[qui] = meilleurs[groupes[qui]][2]


class _Ensembles:
    """Disjoint sets of ids; the head of a set is its least id, so that no order matters."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._parent = {i: i for i in ids}

    def tete(self, qui: str) -> str:
        while self._parent[qui] != qui:
            self._parent[qui] = self._parent[self._parent[qui]]
            qui = self._parent[qui]
        return qui

    def unir(self, a: str, b: str) -> None:
        premiere, seconde = sorted((self.tete(a), self.tete(b)))
        self._parent[seconde] = premiere
