"""Possible duplicates: two people, as decided, whom a key that is not generic leads to alike.

That covers every case that is to be reported: a key that leads to somebody whom its rule does not accept, an e-mail and a
phone that lead to different clients, several clients left by one rule, a group of strangers that was parted, two linked
prospects of one group. Pairs that a person decided are not told again, nor a soft-deleted client beside a living one:
who deleted it has decided.

Source of the rules: product.md, *Matching (identity)*.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from crm_sync.domain.candidats import motif_de_refus
from crm_sync.domain.decisions import CLIENT, Decisions
from crm_sync.domain.lots import tableau
from crm_sync.domain.monde import REGLES, Accord, Monde
from crm_sync.domain.names import Nom

if TYPE_CHECKING:
    import pyarrow as pa

COLONNES = ("id_a", "id_b", "regle", "preuve")
PAIRES_ENTIERES = 50
"""Of more people than this with one key, each is paired with the first only: pairs grow with the square."""

Paire = tuple[str, str]
Trouvee = tuple[bool, int, str]


def reperer(monde: Monde, entites: Mapping[int, str], decisions: Decisions) -> "pa.RecordBatch":
    """List the pairs, one row each, in order: columns `COLONNES`.

    `entites`: rank → `client:ID` or `prospect:ID` that this row is now (a new client has the lowest prospect's); who is
    put aside is not there. A pair has at least one prospect that was to be decided.
    """
    trouvees: dict[Paire, dict[str, Trouvee]] = {}
    for rang, (regle, _, accord) in enumerate(REGLES):
        for cle, porteurs in monde.partagees[regle].items():
            premiere = entites.get(porteurs[0])
            if all(entites.get(p) == premiere for p in porteurs) or (regle, cle) in monde.generiques:
                continue
            for paire, accepte, motif in _paires(monde, entites, porteurs, regle, accord):
                trouvee = (not accepte, rang, "plusieurs" if accepte else motif)
                sortes = trouvees.setdefault(paire, {})
                sortes[regle] = min(sortes.get(regle, trouvee), trouvee)
    tues = _decidees(monde, entites, decisions)
    retenues = (paire for paire in sorted(trouvees) if paire not in tues and not _regle(monde, paire))
    return tableau(COLONNES, [_ligne(paire, trouvees[paire]) for paire in retenues])


def _paires(
    monde: Monde, entites: Mapping[int, str], porteurs: list[int], regle: str, accord: Accord
) -> list[tuple[Paire, bool, str]]:
    """List the pairs of people who stand with one key: the pair, whether the rule accepts them, and why not."""
    noms: dict[str, set[Nom]] = defaultdict(set)
    attendus: set[str] = set()
    for porteur in porteurs:
        entite = entites.get(porteur)
        if entite is not None:
            noms[entite].add(monde.noms[porteur])
            if porteur < monde.nombre and monde.attendent[porteur]:
                attendus.add(entite)
    qui = sorted(noms)
    paires = combinations(qui, 2) if len(qui) <= PAIRES_ENTIERES else ((qui[0], autre) for autre in qui[1:])
    vus: dict[tuple[frozenset[Nom], frozenset[Nom]], tuple[bool, str]] = {}
    listees = []
    for a, b in paires:
        if a in attendus or b in attendus:
            deux = frozenset(noms[a]), frozenset(noms[b])
            if deux not in vus:
                accepte = any(accord(x, y) for x in deux[0] for y in deux[1])
                vus[deux] = accepte, min(motif_de_refus(regle, x, y) for x in deux[0] for y in deux[1])
            listees.append(((a, b), *vus[deux]))
    return listees


def _decidees(monde: Monde, entites: Mapping[int, str], decisions: Decisions) -> set[Paire]:
    """List the pairs that people decided to be different: what they said of a prospect holds for its client."""
    if not decisions.differents:
        return set()
    ids = {source_id: rang for rang, source_id in enumerate(monde.ids[: monde.nombre])}

    def entite(noeud: str) -> str:
        sorte, _, qui = noeud.partition(":")
        if sorte == "client":
            return CLIENT + (monde.verdicts.client(qui) or qui)
        return entites.get(ids[qui], noeud) if qui in ids else noeud

    decidees = set()
    for a, b in decisions.differents:
        for x in monde.verdicts.membres(a):
            for y in monde.verdicts.membres(b):
                un, autre = sorted((entite(x), entite(y)))
                decidees.add((un, autre))
    return decidees


def _regle(monde: Monde, paire: Paire) -> bool:
    """Whether one of two clients is soft-deleted and the other lives."""
    if not all(entite.startswith(CLIENT) for entite in paire):
        return False
    return len({entite.removeprefix(CLIENT) in monde.supprimes for entite in paire}) > 1


def _ligne(paire: Paire, sortes: dict[str, Trouvee]) -> tuple[str, str, str, str]:
    """Write a pair: by the strongest rule that accepts it, else by the strongest whose key leads there."""
    _, rang, motif = min(sortes.values())
    regle = REGLES[rang][0]
    preuve = {"regle": regle, "cles": [r for r, _, _ in REGLES if r in sortes], "motif": motif}
    return (*paire, regle, msgspec.json.encode(preuve).decode())
