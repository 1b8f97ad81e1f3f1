"""The rules of the domain once more, slow and obvious: one row, one field, one prospect at a time.

The domain decides on whole tables; what it decides is compared with this. Nothing here is fast, and nothing here is
shared with what it judges, save the canonical form of a value and the comparison of two names, which have tests of
their own.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations

from crm_sync.domain.canonique import GENRES
from crm_sync.domain.names import (
    Nom,
    accord_par_email,
    memes_noms,
    noms_clairement_differents,
    noms_s_accordent,
)
from crm_sync.domain.types import Champ

Ligne = Mapping[str, str | None]


def memes_valeurs(a: str | None, b: str | None, champ: Champ) -> bool:
    """Whether two values are one; nothing is nothing's equal only."""
    if a is None or b is None:
        return a is b
    return a == b or GENRES[champ.genre](a) == GENRES[champ.genre](b)


def groupes(champs: Sequence[Champ]) -> list[list[Champ]]:
    """The fields that are decided together."""
    noms = dict.fromkeys(champ.groupe or champ.nom for champ in champs)
    return [[champ for champ in champs if (champ.groupe or champ.nom) == nom] for nom in noms]


def plus_recent(noeuds: Sequence[Ligne]) -> Ligne:
    """The node with the latest source time; of equals, and of those without a time, the one with the lowest id."""
    dates = [noeud["modifie_a"] for noeud in noeuds if noeud["modifie_a"] is not None]
    derniers = [noeud for noeud in noeuds if noeud["modifie_a"] == max(dates)] if dates else noeuds
    return min(derniers, key=lambda noeud: str(noeud["source_id"]))


# --- Rows to be made of several nodes (what exists: `oracle_fusion`)


def reunion(noeuds: Sequence[Ligne], champs: Sequence[Champ]) -> dict[str, dict[str, str | None]]:
    """CRM id → the values of a row that is to be made of these nodes."""
    lignes = {}
    for crm_id in {str(noeud["crm_id"]) for noeud in noeuds}:
        miens = [noeud for noeud in noeuds if noeud["crm_id"] == crm_id]
        ligne: dict[str, str | None] = {}
        for groupe in groupes(champs):
            disants = [noeud for noeud in miens if any(noeud[champ.nom] is not None for champ in groupe)]
            dit = plus_recent(disants) if disants else {}
            ligne |= {champ.nom: dit.get(champ.nom) for champ in groupe}
        lignes[crm_id] = ligne
    return lignes


# --- Who is who

ACCORDS = {"cle_email": accord_par_email, "cles_telephone": memes_noms}


def clients_possibles(
    prospect: Ligne, prospects: Sequence[Ligne], clients: Sequence[Ligne]
) -> tuple[str, list[str]] | None:
    """The rule that finds this prospect in the CRM and the clients that it accepts, the preferred one first."""
    for regle, colonne in (("email", "cle_email"), ("telephone", "cles_telephone")):
        acceptes = {
            str(client["crm_id"])
            for cle in _cles(prospect, colonne)
            if not generique(cle, colonne, [*prospects, *clients])
            for client in clients
            if cle in _cles(client, colonne) and ACCORDS[colonne](_nom(prospect), _nom(client))
        }
        if acceptes:
            return regle, _par_preference(prospect, [c for c in clients if c["crm_id"] in acceptes])
    return None


def memes_personnes(prospects: Sequence[Ligne], clients: Sequence[Ligne]) -> set[frozenset[str]]:
    """The groups of prospects that are one person, directly or through others; strangers are never in one group."""
    noms = {str(prospect["source_id"]): _nom(prospect) for prospect in prospects}
    personnes = set()
    for large in _relies(prospects, clients, ["cle_email", "cles_telephone"]):
        if not _etrangers(large, noms):
            personnes.add(large)
            continue
        miens = [prospect for prospect in prospects if prospect["source_id"] in large]
        tous = [*prospects, *clients]
        for etroit in _relies(miens, [c for c in tous if c not in miens], ["cle_email"]):
            personnes |= {frozenset({qui}) for qui in etroit} if _etrangers(etroit, noms) else {etroit}
    return personnes


def _relies(prospects: Sequence[Ligne], autres: Sequence[Ligne], colonnes: Sequence[str]) -> set[frozenset[str]]:
    """The sets of prospects that keys of these columns link; `autres` count for what is a generic key."""
    ensembles = [{str(prospect["source_id"])} for prospect in prospects]
    for a, b in combinations(prospects, 2):
        if any(
            ACCORDS[colonne](_nom(a), _nom(b)) and not generique(cle, colonne, [*prospects, *autres])
            for colonne in colonnes
            for cle in _cles(a, colonne) & _cles(b, colonne)
        ):
            reunis = [e for e in ensembles if a["source_id"] in e or b["source_id"] in e]
            ensembles = [e for e in ensembles if e not in reunis] + [set().union(*reunis)]
    return {frozenset(ensemble) for ensemble in ensembles}


def _etrangers(membres: frozenset[str], noms: Mapping[str, Nom]) -> bool:
    return any(noms_clairement_differents(noms[a], noms[b]) for a, b in combinations(membres, 2))


def generique(cle: str, colonne: str, tous: Sequence[Ligne]) -> bool:
    """Whether three people of plainly different names stand with this key."""
    noms = {_nom(ligne) for ligne in tous if cle in _cles(ligne, colonne)}
    return any(
        all(noms_clairement_differents(a, b) for a, b in combinations(trois, 2)) for trois in combinations(noms, 3)
    )


def _par_preference(prospect: Ligne, clients: Sequence[Ligne]) -> list[str]:
    proches = [client for client in clients if noms_s_accordent(prospect["cle_nom"], client["cle_nom"])]
    ages = sorted(clients, key=lambda client: (client not in proches, *_age(client)))
    return [str(client["crm_id"]) for client in ages]


def _age(client: Ligne) -> tuple[bool, str, str]:
    return client["cree_le"] is None, client["cree_le"] or "", str(client["crm_id"])


def _cles(ligne: Ligne, colonne: str) -> set[str]:
    return set((ligne[colonne] or "").split())


def _nom(ligne: Ligne) -> Nom:
    naissance = ligne.get("naissance")
    return Nom(ligne["cle_nom"], ligne["cle_prenom"], date.fromisoformat(naissance) if naissance else None)


def etrangers(a: Ligne, b: Ligne) -> bool:
    """Whether two people are plainly different."""
    return noms_clairement_differents(_nom(a), _nom(b))
