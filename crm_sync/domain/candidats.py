"""Which clients the keys of a prospect lead to, which of them its rules accept, and the one they choose.

Source of the rules: product.md, *Matching (identity)*, *Client*, 3 to 5, and "Several clients left by one rule".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from crm_sync.domain.monde import REGLES, Accord, Monde, par_nom
from crm_sync.domain.names import Nom, memes_noms, noms_clairement_differents, noms_s_accordent

MOTIFS = (
    "decision_different",
    "plusieurs",
    "naissance_differente",
    "prenom_different",
    "nom_different",
    "cle_vendeur",
    "cle_generique",
)
"""Why a candidate was refused; where several hold, the first of these is told."""

CANDIDATS_PAR_CLE = 20
"""Of the clients that a generic key leads to, so many at most are told: a switchboard has hundreds."""


@dataclass(slots=True)
class Candidats:
    """`acceptes`: rank of a prospect → rule → clients that it accepts. `refuses`: rank → client → motifs."""

    acceptes: dict[int, dict[str, set[str]]] = field(default_factory=dict)
    refuses: dict[int, dict[str, set[str]]] = field(default_factory=dict)
    noms: dict[str, set[Nom]] = field(default_factory=dict)

    def accepter(self, porteur: int, regle: str, crm_ids: Iterable[str]) -> None:
        """Note clients that a rule accepts for a prospect."""
        self.acceptes.setdefault(porteur, {}).setdefault(regle, set()).update(crm_ids)

    def refuser(self, porteur: int, crm_id: str, motif: str) -> None:
        """Note why a client was not accepted, or not chosen."""
        self.refuses.setdefault(porteur, {}).setdefault(crm_id, set()).add(motif)


def motif_de_refus(regle: str, a: Nom, b: Nom) -> str:
    """Say in which respect two people are not one for a rule that did not accept them."""
    if a.naissance is not None and b.naissance is not None and a.naissance != b.naissance:
        return "naissance_differente"
    if regle == "email" or (regle == "telephone" and noms_s_accordent(a.nom, b.nom)):
        return "prenom_different"
    return "nom_different"


def chercher(monde: Monde) -> Candidats:
    """Follow every shared key from the prospects to be placed to those who speak for a client.

    Orphans, whose client is gone, are asked for their references alone. Linear in the keys' bearers: for each key, two
    names are compared once.
    """
    candidats = Candidats()
    for porteur, crm_id in monde.voix.items():
        candidats.noms.setdefault(crm_id, set()).add(monde.noms[porteur])
    if not monde.voix:
        return candidats
    for regle, _, accord in REGLES:
        cherchent = monde.libres | monde.orphelins if regle == "reference" else monde.libres
        for cle, porteurs in monde.partagees[regle].items():
            voix = [p for p in porteurs if p in monde.voix]
            qui = [p for p in porteurs if p in cherchent] if voix else []
            if not qui:
                continue
            motif = monde.generiques.get((regle, cle))
            if motif is not None:
                crm_ids = sorted({monde.voix[v] for v in voix})[:CANDIDATS_PAR_CLE]
                for porteur in qui:
                    for crm_id in crm_ids:
                        candidats.refuser(porteur, crm_id, motif)
            else:
                _comparer(monde, candidats, regle, accord, qui, voix)
    return candidats


def _comparer(monde: Monde, candidats: Candidats, regle: str, accord: Accord, qui: list[int], voix: list[int]) -> None:
    """Ask one rule about the bearers of one key."""
    voisins = [(nom, {monde.voix[v] for v in rangs}) for nom, rangs in par_nom(voix, monde.noms)]
    for nom, porteurs in par_nom(qui, monde.noms):
        for autre, crm_ids in voisins:
            accepte = accord(nom, autre)
            motif = "" if accepte else motif_de_refus(regle, nom, autre)
            for porteur in porteurs:
                permis = crm_ids
                if monde.verdicts.refus:
                    permis = crm_ids - monde.verdicts.refus.get(monde.ids[porteur], set())
                    for crm_id in crm_ids - permis:
                        candidats.refuser(porteur, crm_id, "decision_different")
                if accepte:
                    candidats.accepter(porteur, regle, permis)
                else:
                    for crm_id in permis:
                        candidats.refuser(porteur, crm_id, motif)


def repondre(monde: Monde, candidats: Candidats, porteur: int) -> tuple[str, str | None] | None:
    """Give the first rule that answers for a prospect and the client it chooses, None where that is somebody new.

    The living first: only where no rule answers among them are the soft-deleted asked.
    """
    acceptes = candidats.acceptes.get(porteur)
    if not acceptes:
        return None
    return premiere_reponse(monde, candidats, porteur, acceptes)


def premiere_reponse(
    monde: Monde, candidats: Candidats, porteur: int, acceptes: dict[str, set[str]]
) -> tuple[str, str | None] | None:
    """As `repondre`, of these clients by rule; those accepted and not chosen are told."""
    for supprimes in (False, True):
        for regle, _, _ in REGLES:
            restants = {c for c in acceptes.get(regle, ()) if (c in monde.supprimes) is supprimes}
            if restants:
                retenu = _choisir(monde, candidats, porteur, restants)
                for crm_id in set().union(*acceptes.values()) - {retenu}:
                    candidats.refuser(porteur, crm_id, "plusieurs")
                return regle, retenu
    return None


def _choisir(monde: Monde, candidats: Candidats, porteur: int, crm_ids: set[str]) -> str | None:
    """Choose among several clients that one rule accepts; None where they are of different names.

    Those whose last name agrees; of several of one name, which the CRM had twice, the one with most keys in common, then
    most contracts, then the oldest, then the lowest id.
    """
    if len(crm_ids) > 1:
        nom = monde.noms[porteur].nom
        proches = {c for c in crm_ids if any(noms_s_accordent(nom, autre.nom) for autre in candidats.noms[c])}
        crm_ids = proches or crm_ids
    if len(crm_ids) == 1:
        return next(iter(crm_ids))
    if not _tous_du_meme_nom([candidats.noms[c] for c in crm_ids]):
        return None
    communes = _cles_communes(monde, porteur, crm_ids)
    return min(crm_ids, key=lambda c: (-communes[c], monde.anciennete[c]))


def _tous_du_meme_nom(noms: list[set[Nom]]) -> bool:
    """Whether all clients have the same name, each with each, in one of the names that each is known by."""
    distincts = {frozenset(miens) for miens in noms}
    return all(any(_meme_nom(a, b) for a in uns for b in autres) for uns, autres in combinations(distincts, 2)) and all(
        any(_meme_nom(a, a) for a in uns) for uns in distincts
    )


def _meme_nom(a: Nom, b: Nom) -> bool:
    """Whether two rows of the CRM have one name: a company without first name has its own."""
    identiques = a.nom is not None and (a.nom, a.prenom) == (b.nom, b.prenom)
    return memes_noms(a, b) or (identiques and not noms_clairement_differents(a, b))


def _cles_communes(monde: Monde, porteur: int, crm_ids: set[str]) -> dict[str, int]:
    """Count the keys that a prospect shares with each client, generic ones aside."""
    communes = dict.fromkeys(crm_ids, 0)
    for regle, _, _ in REGLES:
        for cle in monde.cles(porteur, regle):
            if (regle, cle) not in monde.generiques:
                ici = {monde.voix[p] for p in monde.partagees[regle].get(cle, ()) if p in monde.voix}
                for crm_id in ici & crm_ids:
                    communes[crm_id] += 1
    return communes
