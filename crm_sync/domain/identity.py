"""Which client of the CRM a prospect is: a decision, its link, a contract reference, its e-mail, its phone, else new.

The first rule that answers decides. A key alone is weak evidence: an e-mail links only where the first names agree (a
couple shares an address), a phone only where the names are the same (families share phones). The same rules hold among
the prospects of one answer, so that their order changes nothing.

Here is the order of the steps; the steps are in `decisions`, `monde` (who has a say, links), `generiques`, `candidats`
(rules 3 to 5), `groupes` (prospects among themselves) and `doublons` (what is reported).
Source: product.md, *Matching (identity)*.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from crm_sync.domain.candidats import MOTIFS, Candidats, chercher, premiere_reponse, repondre
from crm_sync.domain.decisions import CLIENT, PROSPECT, Decisions
from crm_sync.domain.doublons import reperer
from crm_sync.domain.groupes import Groupes, grouper
from crm_sync.domain.lots import tableau
from crm_sync.domain.monde import REGLES, Monde, lire_monde
from crm_sync.domain.names import noms_clairement_differents

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["REGLES_CLIENT", "Decisions", "Identification", "identifier"]

LIGNES = ("source_id", "crm_id", "groupe", "regle", "preuve")
REGLES_CLIENT = ("decision", "lien", "reference", "email", "telephone", "creation")
REFUS_DITS = 20


@dataclass(frozen=True, slots=True)
class Identification:
    """Who everybody is.

    `lignes`: one row per prospect that was to be decided and is not put aside, by `source_id`: `source_id`, `crm_id` (null:
    a new client), `groupe` (members of one group without `crm_id` become one new client), `regle` (of `REGLES_CLIENT`),
    `preuve` (JSON, null for a plain creation: the rule, the kinds of key that agreed, the candidates refused and why; never
    a value). `rejets`: source id → motif, `identifiant_reutilise` or `client_supprime`. `doublons`: one row per possible
    duplicate that is reported, `id_a` < `id_b` (`client:ID` or `prospect:ID`; a new client is named by the lowest prospect
    that becomes it), `regle`, `preuve`. `regles`: rule → how many prospects it answered for.
    """

    lignes: "pa.RecordBatch"
    rejets: Mapping[str, str]
    doublons: "pa.RecordBatch"
    regles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choix:
    """Who one prospect is; no client: a new one, for good.

    `force` is the rule that found the client in the first place, `par_groupe` whether it found it for another of the group.
    """

    regle: str
    crm_id: str | None
    force: str
    par_groupe: bool = False


def identifier(
    prospects: "pa.RecordBatch", clients: "pa.RecordBatch", decisions: Decisions, vendeurs: Collection[str]
) -> Identification:
    """Decide who each waiting prospect is.

    `prospects`: everybody who has a say, the waiting ones and known ones that share a key or a reference with one of them:
    `source_id`, `attend` (`true`: to be decided), `cle_nom`, `cle_prenom`, `naissance`, `cle_email`, `cles_telephone` and
    `references` (keys separated by spaces), `crm_id` (its link, or null), and of the values last synced `base_cle_nom`,
    `base_cle_prenom`, `base_cle_email`, `base_cles_telephone`. `clients`: CRM clients that share a key with one of them,
    hold a reference of theirs, are linked to one, or are named in a decision: `crm_id`, `cle_nom`, `cle_prenom`,
    `cle_email`, `cles_telephone`, `references`, `nb_contrats`, `cree_le`, `supprime`. `vendeurs`: e-mail and phone keys
    of every known sales rep.
    """
    monde = lire_monde(prospects, clients, decisions, frozenset(vendeurs))
    candidats = chercher(monde)
    choix = {porteur: Choix(regle, crm_id, regle) for porteur, (regle, crm_id) in monde.places.items()}
    _suivre_les_references(monde, candidats, choix)
    groupes = grouper(monde)
    for porteur in monde.libres if candidats.acceptes else ():
        reponse = repondre(monde, candidats, porteur)
        if reponse is not None:
            regle, crm_id = reponse
            choix[porteur] = Choix(regle, crm_id, regle)
    _accorder_les_unis(monde, choix)
    _etendre_aux_groupes(monde, candidats, groupes, choix)
    _accorder_les_unis(monde, choix)
    _separer_les_differents(monde, candidats, choix)
    doublons = reperer(monde, _entites(monde, groupes, choix), decisions)
    lignes = _lignes(monde, candidats, groupes, choix)
    return Identification(lignes, monde.rejets, doublons, Counter(lignes["regle"].to_pylist()))


def _suivre_les_references(monde: Monde, candidats: Candidats, choix: dict[int, Choix]) -> None:
    """Rule 2, its client gone from the CRM: rule 3 alone may answer, and nobody new is made."""
    for porteur in sorted(monde.orphelins):
        reponse = repondre(monde, candidats, porteur)
        if reponse is None or reponse[1] is None:
            monde.rejets[monde.ids[porteur]] = "client_supprime"
        else:
            choix[porteur] = Choix(*reponse, "reference")


def _accorder_les_unis(monde: Monde, choix: dict[int, Choix]) -> None:
    """Give the prospects that a decision unites the client of the first of them that has one, the kept one's first."""
    for classe in sorted(set(monde.verdicts.classes.values())):
        membres = [monde.rangs[i] for i in monde.verdicts.prospects(classe[0]) if i in monde.rangs]
        trouves = [choix[m] for m in membres if m in choix and choix[m].crm_id is not None]
        for membre in membres if trouves else ():
            if membre in monde.libres and (membre not in choix or choix[membre].crm_id != trouves[0].crm_id):
                choix[membre] = Choix("decision", trouves[0].crm_id, trouves[0].force)


def _etendre_aux_groupes(monde: Monde, candidats: Candidats, groupes: Groupes, choix: dict[int, Choix]) -> None:
    """Give the members of a group that no rule placed the client of those that one did, unless they are strangers to it.

    As among the clients of one member: the strongest rule first, and of several clients by one rule those of its name.
    """
    trouves: dict[int, dict[str, set[str]]] = defaultdict(dict)
    for porteur in monde.libres & choix.keys():
        fait = choix[porteur]
        if fait.crm_id is not None:
            trouves[groupes.tetes[porteur]].setdefault(fait.force, set()).add(fait.crm_id)
    for porteur in sorted(monde.libres - choix.keys()) if trouves else ():
        acceptes = {
            regle: {c for c in crm_ids if not monde.refuse(porteur, c) and not _etranger(monde, candidats, porteur, c)}
            for regle, crm_ids in trouves.get(groupes.tetes[porteur], {}).items()
        }
        reponse = premiere_reponse(monde, candidats, porteur, acceptes)
        if reponse is not None:
            regle, crm_id = reponse
            choix[porteur] = Choix(regle, crm_id, regle, par_groupe=True)


def _etranger(monde: Monde, candidats: Candidats, porteur: int, crm_id: str) -> bool:
    """Whether a prospect is plainly different from somebody who speaks for a client."""
    return any(noms_clairement_differents(monde.noms[porteur], nom) for nom in candidats.noms[crm_id])


def _separer_les_differents(monde: Monde, candidats: Candidats, choix: dict[int, Choix]) -> None:
    """Let one client be one of two prospects that are decided to be different: whom the stronger rule put there.

    Where both came by one rule, nothing says which, and both become new clients: a duplicate is better than a wrong merge.
    """
    perdants: set[tuple[int, str]] = set()
    for deux in monde.verdicts.differents:
        uns, autres = ([monde.rangs[i] for i in monde.verdicts.prospects(n) if i in monde.rangs] for n in deux)
        for a in uns:
            for b in autres:
                if a in choix and b in choix and choix[a].crm_id == choix[b].crm_id is not None:
                    force_a, force_b = (REGLES_CLIENT.index(choix[p].force) for p in (a, b))
                    crm_id = str(choix[a].crm_id)
                    if force_a >= force_b:
                        perdants |= {(p, crm_id) for p in uns}
                    if force_b >= force_a:
                        perdants |= {(p, crm_id) for p in autres}
    for porteur, crm_id in perdants:
        if porteur in monde.libres and porteur in choix and choix[porteur].crm_id == crm_id:
            choix[porteur] = Choix("creation", None, "creation")
            candidats.refuser(porteur, crm_id, "decision_different")


def _entites(monde: Monde, groupes: Groupes, choix: dict[int, Choix]) -> dict[int, str]:
    """Say which person each row is now; a new client is named by its lowest prospect, who is put aside is nobody."""
    entites = {porteur: CLIENT + crm_id for porteur, crm_id in monde.voix.items()}
    premiers: dict[int, str] = {}
    for porteur in sorted(monde.libres | monde.orphelins & choix.keys()):
        fait = choix.get(porteur)
        if fait is not None and fait.crm_id is not None:
            entites[porteur] = CLIENT + fait.crm_id
        else:
            entites[porteur] = premiers.setdefault(groupes.tetes[porteur], PROSPECT + monde.ids[porteur])
    return entites


def _lignes(monde: Monde, candidats: Candidats, groupes: Groupes, choix: dict[int, Choix]) -> "pa.RecordBatch":
    """Write the answer, one row per prospect that was to be decided and is not put aside."""
    lignes: list[tuple[str | None, ...]] = []
    for porteur in range(monde.nombre):
        source_id = monde.ids[porteur]
        if not monde.attendent[porteur] or source_id in monde.rejets:
            continue
        fait = choix.get(porteur)
        regle = fait.regle if fait is not None and fait.crm_id is not None else "creation"
        crm_id = None if fait is None else fait.crm_id
        groupe = monde.ids[groupes.tetes.get(porteur, porteur)]
        lignes.append((source_id, crm_id, groupe, regle, _preuve(candidats, groupes, porteur, regle, fait)))
    return tableau(LIGNES, lignes)


def _preuve(candidats: Candidats, groupes: Groupes, porteur: int, regle: str, fait: Choix | None) -> str | None:
    """Write what `why` tells of one answer; None for a plain creation, of which there is nothing to say."""
    refuses = candidats.refuses.get(porteur)
    par_groupe = fait is not None and fait.par_groupe
    crm_id = None if fait is None else fait.crm_id
    if crm_id is None or par_groupe:
        sortes = groupes.sortes.get(porteur, set())
    else:
        sortes = {r for r, acceptes in candidats.acceptes.get(porteur, {}).items() if crm_id in acceptes}
    cles = tuple(r for r, _, _ in REGLES if r in sortes)
    if regle == "creation" and not cles and not refuses:
        return None
    if not refuses:
        return _preuve_simple(regle, cles, par_groupe)
    return _ecrire(
        regle,
        cles,
        par_groupe,
        [
            {"crm_id": autre, "motif": min(motifs, key=MOTIFS.index)}
            for autre, motifs in sorted(refuses.items())[:REFUS_DITS]
            if autre != crm_id
        ],
    )


@cache
def _preuve_simple(regle: str, cles: tuple[str, ...], par_groupe: bool) -> str:
    return _ecrire(regle, cles, par_groupe, [])


def _ecrire(regle: str, cles: tuple[str, ...], par_groupe: bool, refuses: list[dict[str, str]]) -> str:
    preuve: dict[str, object] = {"regle": regle}
    if cles:
        preuve["cles"] = cles
    if par_groupe:
        preuve["par_groupe"] = True
    if refuses:
        preuve["refuses"] = refuses
    return msgspec.json.encode(preuve).decode()
