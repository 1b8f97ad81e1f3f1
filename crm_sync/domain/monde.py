"""Everybody who has a say in who is who, read once from the batches: names, keys, and for whom each one speaks.

A *porteur* is a row, prospect or client, known by its rank: prospects by `source_id`, then clients by `crm_id`, so that
the order of the batches changes nothing. What is decided of them belongs to `domain.identity`.

Source of the rules: product.md, *Matching (identity)*, *Client*, 2.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from typing import TYPE_CHECKING

from crm_sync.domain.decisions import Decisions, Verdicts
from crm_sync.domain.generiques import GENERIQUE, motif_generique, trois_inconnus, valeur_bouche_trou
from crm_sync.domain.names import Nom, accord_par_email, memes_noms, noms_clairement_differents

if TYPE_CHECKING:
    import pyarrow as pa

JAMAIS = "\uffff"
"""Sorts after every instant: a row without a date is the youngest."""

Accord = Callable[[Nom, Nom], bool]


def accord_par_reference(a: Nom, b: Nom) -> bool:
    """Whether two people who hold one contract reference may be one: they are not plainly different."""
    return not noms_clairement_differents(a, b)


REGLES: tuple[tuple[str, str, Accord], ...] = (
    ("reference", "references", accord_par_reference),
    ("email", "cle_email", accord_par_email),
    ("telephone", "cles_telephone", memes_noms),
)
"""The rules that look at a key, the strongest first: name, column, and what the names must do."""


@dataclass(slots=True)
class Monde:
    """The people of one call, and where links and decisions place them.

    `noms`, `ids`: by rank, `nombre` prospects first. `partagees`: rule → key → ranks of its two or more bearers.
    `generiques`: (rule, key) → why it never matches, shared keys only. `voix`: rank → the client for whom that row speaks.
    `places`: rank of a waiting prospect → (`decision` or `lien`, client). `orphelins`: waiting prospects whose client is
    gone. `rejets`: source id → motif. `libres`: waiting prospects that the evidence must place.
    `colonnes`: rule → its keys by rank, as text. `rangs`: source id → rank.
    """

    ids: list[str]
    nombre: int
    noms: list[Nom]
    verdicts: Verdicts
    partagees: dict[str, dict[str, list[int]]]
    generiques: dict[tuple[str, str], str]
    anciennete: dict[str, tuple[int, str, str]]
    supprimes: set[str]
    voix: dict[int, str] = field(default_factory=dict)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    orphelins: set[int] = field(default_factory=set)
    rejets: dict[str, str] = field(default_factory=dict)
    libres: set[int] = field(default_factory=set)
    attendent: list[bool] = field(default_factory=list)
    colonnes: dict[str, list[str | None]] = field(default_factory=dict)
    rangs: dict[str, int] = field(default_factory=dict)

    def cles(self, porteur: int, regle: str) -> list[str]:
        """List the keys of a row that a rule looks at."""
        return list(dict.fromkeys((self.colonnes[regle][porteur] or "").split()))

    def refuse(self, porteur: int, crm_id: str) -> bool:
        """Whether somebody decided that this prospect is not that client."""
        return bool(self.verdicts.refus) and crm_id in self.verdicts.refus.get(self.ids[porteur], ())


def lire_monde(
    prospects: "pa.RecordBatch", clients: "pa.RecordBatch", decisions: Decisions, vendeurs: Collection[str]
) -> Monde:
    """Read the batches of `identity.identifier`, and place whom decisions and links place."""
    prospects, clients = prospects.sort_by("source_id"), clients.sort_by("crm_id")
    ids, crm_ids = prospects["source_id"].to_pylist(), clients["crm_id"].to_pylist()
    attendent = [a == "true" for a in prospects["attend"].to_pylist()]
    liens = {i: lien for i, lien in zip(ids, prospects["crm_id"].to_pylist(), strict=True) if lien}
    connus = {i for i, attend in zip(ids, attendent, strict=True) if not attend}
    naissances = [date.fromisoformat(n) if n else None for n in prospects["naissance"].to_pylist()]
    noms = _noms(prospects, naissances=naissances) + _noms(clients)
    colonnes = {regle: prospects[colonne].to_pylist() + clients[colonne].to_pylist() for regle, colonne, _ in REGLES}
    partagees = {regle: _partagees(colonne) for regle, colonne in colonnes.items()}
    monde = Monde(
        ids=[*ids, *crm_ids],
        nombre=len(ids),
        noms=noms,
        verdicts=Verdicts(decisions, set(crm_ids), liens, connus),
        partagees=partagees,
        generiques=_generiques(partagees, noms, vendeurs),
        anciennete={
            c: (-int(nb or 0), ne or JAMAIS, c)
            for c, nb, ne in zip(
                crm_ids, *(clients[nom].to_pylist() for nom in ("nb_contrats", "cree_le")), strict=True
            )
        },
        supprimes={c for c, s in zip(crm_ids, clients["supprime"].to_pylist(), strict=True) if s == "true"},
        attendent=attendent,
        colonnes=colonnes,
        rangs={source_id: rang for rang, source_id in enumerate(ids)},
    )
    _placer(monde, _Reemplois(monde, prospects, vendeurs) if monde.verdicts.liens else None)
    _faire_parler(monde)
    return monde


def _placer(monde: Monde, reemplois: "_Reemplois | None") -> None:
    """Rules 1 and 2: place prospects by decision and by link; known ones too, for they speak for their clients."""
    for porteur in range(monde.nombre):
        source_id, attend = monde.ids[porteur], monde.attendent[porteur]
        regle, crm_id = monde.verdicts.decide(source_id) if monde.verdicts.classes else (None, None)
        lien = monde.verdicts.liens.get(source_id)
        if regle is None and lien is not None:
            crm_id = monde.verdicts.client(lien)
            regle = "lien" if crm_id == lien else "decision"
            if crm_id is None:
                if attend:
                    monde.orphelins.add(porteur)
                continue
            if reemplois is not None and reemplois.est_un_autre(porteur, {lien, crm_id}):
                if attend:
                    monde.rejets[source_id] = "identifiant_reutilise"
                continue
        if regle is not None and crm_id is not None:
            monde.voix[porteur] = crm_id
            if attend:
                monde.places[porteur] = (regle, crm_id)
        elif attend:
            monde.libres.add(porteur)


def _faire_parler(monde: Monde) -> None:
    """Let each CRM row speak for its client, with the date of birth that the client's prospects agree on."""
    naissances: dict[str, set[date]] = defaultdict(set)
    for porteur, crm_id in monde.voix.items():
        naissance = monde.noms[porteur].naissance
        if naissance is not None:
            naissances[crm_id].add(naissance)
    for porteur in range(monde.nombre, len(monde.ids)):
        actuel = monde.verdicts.client(monde.ids[porteur])
        if actuel is not None:  # always: the row itself is there
            monde.voix[porteur] = actuel
            if len(naissances.get(actuel, ())) == 1:
                nom = monde.noms[porteur]
                monde.noms[porteur] = Nom(nom.nom, nom.prenom, next(iter(naissances[actuel])))


class _Reemplois:
    """Which linked prospects carry a source id that the source has given to somebody else (rule 2)."""

    def __init__(self, monde: Monde, prospects: "pa.RecordBatch", vendeurs: Collection[str]) -> None:
        self._monde, self._vendeurs = monde, vendeurs
        self._bases = _noms(prospects, "base_")
        self._cles_base = [
            (regle, prospects[f"base_{colonne}"].to_pylist()) for regle, colonne, _ in REGLES if regle != "reference"
        ]
        self._clients = {crm_id: rang for rang, crm_id in enumerate(monde.ids) if rang >= monde.nombre}

    def est_un_autre(self, porteur: int, crm_ids: set[str]) -> bool:
        """Whether the name is plainly different from the client's and from the base's, and no key is left in common.

        A base without a name says nothing: the client alone is asked. A generic key is in common with everybody.
        """
        monde, nom, base = self._monde, self._monde.noms[porteur], self._bases[porteur]
        rangs = [self._clients[crm_id] for crm_id in crm_ids if crm_id in self._clients]
        if not all(noms_clairement_differents(nom, monde.noms[rang]) for rang in rangs):
            return False
        if (base.nom or base.prenom) and not noms_clairement_differents(nom, base):
            return False
        leurs = {(r, cle) for rang in rangs for r, _, _ in REGLES for cle in monde.cles(rang, r)}
        leurs |= {(r, cle) for r, textes in self._cles_base for cle in (textes[porteur] or "").split()}
        communes = leurs & {(r, cle) for r, _, _ in REGLES for cle in monde.cles(porteur, r)}
        return all(cle in monde.generiques or motif_generique(cle[1], self._vendeurs) for cle in communes)


def par_nom(porteurs: list[int], noms: list[Nom]) -> Collection[tuple[Nom, list[int]]]:
    """Sort bearers by their names, so that two names are compared once."""
    if len(porteurs) == 1:
        return [(noms[porteurs[0]], porteurs)]
    rangees: dict[Nom, list[int]] = defaultdict(list)
    for porteur in porteurs:
        rangees[noms[porteur]].append(porteur)
    return rangees.items()


def _noms(
    lignes: "pa.RecordBatch", prefixe: str = "", *, naissances: Iterable[date | None] = repeat(None)
) -> list[Nom]:
    """Give the names of prospects or clients; fillers are no names, and the CRM knows no date of birth."""
    noms, prenoms = (map(_vrai, lignes[f"{prefixe}{c}"].to_pylist()) for c in ("cle_nom", "cle_prenom"))
    return list(map(Nom, noms, prenoms, naissances))


def _vrai(mot: str | None) -> str | None:
    return None if mot is None or valeur_bouche_trou(mot) else mot


def _partagees(colonne: list[str | None]) -> dict[str, list[int]]:
    """Turn a column of keys (several in one text) into key → ranks, for keys of two or more bearers."""
    seuls: dict[str, int] = {}
    partagees: dict[str, list[int]] = {}
    for porteur, cles in enumerate(colonne):
        if cles is None:
            continue
        for cle in cles.split():
            premier = seuls.setdefault(cle, porteur)
            if premier != porteur:
                autres = partagees.setdefault(cle, [premier])
                if autres[-1] != porteur:
                    autres.append(porteur)
    return partagees


def _generiques(
    partagees: dict[str, dict[str, list[int]]], noms: list[Nom], vendeurs: Collection[str]
) -> dict[tuple[str, str], str]:
    """Say which shared keys never match, and why. A reference that strangers dispute is `domain.contrats`' business."""
    trouves: dict[tuple[str, str], str] = {}
    for regle, cles in partagees.items():
        for cle, porteurs in cles.items():
            motif = motif_generique(cle, vendeurs)
            if motif is None and regle != "reference" and trois_inconnus([noms[p] for p in porteurs]):
                motif = GENERIQUE
            if motif is not None:
                trouves[regle, cle] = motif
    return trouves
