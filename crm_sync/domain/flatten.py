"""One received prospect → rows of the four normalised tables, and what is put aside.

Every rule about a single node stands here: what a usable contract, IBAN or client is. No rule that compares nodes of
different prospects (`domain.identity`) or the source with the CRM (`domain.merge`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from crm_sync.domain.keys import cle_bic, cle_email, cle_iban, cle_nom, cle_reference
from crm_sync.domain.statuts import VOCABULAIRE, statut
from crm_sync.domain.telephones import cles_telephone
from crm_sync.domain.types import CommercialLu, ContratLu, Ecart, ElementLu, PaiementLu, ProspectLu

REGLES = f"2-{VOCABULAIRE}"
"""Version of the rules of this module: raise it when a rule changes, and every prospect is read again."""

LONGUEUR_REFERENCE = 200

Ligne = tuple[str | None, ...]


EN_DOUBLE = Ecart("clients", "/idProspect", "", "prospect_en_double")


class Recu(NamedTuple):
    """One prospect of the answer as it is stored, before it is read (see `Element`).

    `charges`: each distinct payload that came under its id, as received, with how often it came.
    """

    cle: str
    versions: str
    charges: list[tuple[bytes, int]]
    vu_le: datetime


@dataclass(frozen=True, slots=True)
class Element:
    """One prospect of the answer: all distinct contents that came under its id, each with how often it came.

    `cle` is `id:…`, or `sha:…` for a payload without id; `versions` names what was read, to know it again; `vu_le` is when
    the answers began to hold it, an aware instant.
    """

    cle: str
    versions: str
    contenus: Sequence[tuple[ElementLu, int]]
    vu_le: datetime


@dataclass(slots=True)
class Normalise:
    """What a batch of prospects became: rows in the column order of `domain.types`, text as Postgres prints it.

    `rejets` rows begin with the key of the prospect that carries the node; of `commerciaux` each distinct copy is kept once,
    with when it was first seen. `d_un_autre` counts the contracts that name another prospect than the one they are nested in.
    """

    normalisation: list[Ligne] = field(default_factory=list)
    commerciaux: dict[Ligne, str] = field(default_factory=dict)
    clients: list[Ligne] = field(default_factory=list)
    contrats: list[Ligne] = field(default_factory=list)
    informations_paiement: list[Ligne] = field(default_factory=list)
    rejets: list[Ligne] = field(default_factory=list)
    inconnues: set[str] = field(default_factory=set)
    d_un_autre: int = 0

    def ajouter(self, suivant: "Normalise") -> None:
        """Take the batch that follows into this one: what both together would have become."""
        self.normalisation += suivant.normalisation
        self.clients += suivant.clients
        self.contrats += suivant.contrats
        self.informations_paiement += suivant.informations_paiement
        self.rejets += suivant.rejets
        self.inconnues |= suivant.inconnues
        self.d_un_autre += suivant.d_un_autre
        for copie, vu_le in suivant.commerciaux.items():
            self.commerciaux[copie] = min(vu_le, self.commerciaux.get(copie, vu_le))


def empreinte(*valeurs: str | None) -> str:
    """Fingerprint of a row's content, 32 hex digits: equal contents, equal fingerprints, whatever ran in between."""
    return blake2b(msgspec.json.encode(valeurs), digest_size=16).hexdigest()


def adresse(id_prospect: str, cle: str) -> str:
    """Name a node within its prospect, `397/8177185WNC`; two nodes never share a name, whatever an id is made of."""
    if "/" in id_prospect or "%" in id_prospect:
        id_prospect = id_prospect.replace("%", "%25").replace("/", "%2F")
    return f"{id_prospect}/{cle}"


def instant(valeur: datetime | None) -> str | None:
    """Write an instant as Postgres reads it, in UTC with its microseconds."""
    return None if valeur is None else _instant(valeur)


def _instant(valeur: datetime) -> str:
    texte: str = msgspec.to_builtins(valeur)  # isoformat(" ") gives the same, and takes four times as long
    return texte.replace("T", " ").replace("Z", "+00:00")


def aplatir(elements: Iterable[Element]) -> Normalise:
    """Normalise a batch; the result depends neither on the order of the answer nor on that within a prospect."""
    lot = Normalise()
    for element in elements:
        _aplatir_element(element, lot)
    return lot


def _aplatir_element(element: Element, lot: Normalise) -> None:
    """Normalise one prospect of the answer.

    One id with two contents is two answers to one question: neither is used. A prospect that cannot be used takes its
    children with it, one line put aside per entity and content.
    """
    contrats = sum(lu.recus_contrats * nombre for lu, nombre in element.contenus)
    paiements = sum(lu.recus_paiements * nombre for lu, nombre in element.contenus)
    clients = sum(nombre for _, nombre in element.contenus)
    lot.inconnues.update(*(lu.inconnues for lu, _ in element.contenus))
    (lu, _), *autres = element.contenus
    en_avance = 0
    if autres or isinstance(lu.prospect, Ecart):
        motif = lu.prospect if isinstance(lu.prospect, Ecart) and not autres else EN_DOUBLE
        ecarts = [motif._replace(noeuds=clients)]
        if contrats:
            ecarts.append(Ecart("contrats", "/Souscription", "*", "parent_ecarte", contrats))
        if paiements:
            ecarts.append(Ecart("informations_paiement", "/informationsPaiement", "*", "parent_ecarte", paiements))
    else:
        prospect, en_avance = couper(lu.prospect, element.vu_le)
        ecarts = [
            e._replace(noeuds=clients) for e in _aplatir_prospect(prospect, clients, _instant(element.vu_le), lot)
        ]
    comptes = map(str, (clients, contrats, paiements, en_avance))
    lot.normalisation.append((element.cle, element.versions, REGLES, *comptes))
    lot.rejets.extend(_ligne_rejet(element, ecart) for ecart in ecarts)


def couper(prospect: ProspectLu, recu_le: datetime) -> tuple[ProspectLu, int]:
    """Cut clocks that are ahead: no node was changed later than it was received. Gives how many nodes were cut, too.

    Source of the rule: product.md, *The most recent wins*.
    """
    noeuds = (prospect, prospect.commercial, *prospect.contrats, *prospect.paiements)
    en_avance = sum(1 for n in noeuds if n is not None and n.modifie_a is not None and n.modifie_a > recu_le)
    if not en_avance:
        return prospect, 0
    return prospect._replace(
        modifie_a=_au_plus_tard(prospect.modifie_a, recu_le),
        commercial=prospect.commercial
        and prospect.commercial._replace(modifie_a=_au_plus_tard(prospect.commercial.modifie_a, recu_le)),
        contrats=tuple(k._replace(modifie_a=_au_plus_tard(k.modifie_a, recu_le)) for k in prospect.contrats),
        paiements=tuple(p._replace(modifie_a=_au_plus_tard(p.modifie_a, recu_le)) for p in prospect.paiements),
    ), en_avance


def _au_plus_tard(modifie_a: datetime | None, recu_le: datetime) -> datetime | None:
    return None if modifie_a is None else min(modifie_a, recu_le)


def _ligne_rejet(element: Element, ecart: Ecart) -> Ligne:
    cle = empreinte(element.cle, ecart.entite, ecart.noeud)
    id_prospect = element.cle.removeprefix("id:") if element.cle.startswith("id:") else None
    return element.cle, cle, ecart.entite, id_prospect, ecart.chemin or "/", ecart.motif, str(ecart.noeuds)


def _aplatir_prospect(prospect: ProspectLu, fois: int, vu_le: str, lot: Normalise) -> Iterator[Ecart]:
    yield from prospect.ecarts
    id_prospect = prospect.id_prospect
    commercial_source_id, commercial_empreinte = prospect.commercial_id, None
    if prospect.commercial is not None:
        commercial = _commercial(id_prospect, prospect.commercial)
        commercial_source_id, commercial_empreinte = commercial[0], commercial[-1]
        lot.commerciaux[commercial] = min(vu_le, lot.commerciaux.get(commercial, vu_le))
    lot.clients.append((*_client(prospect, commercial_source_id, commercial_empreinte, fois), vu_le))

    yield from _aplatir_contrats(prospect, commercial_source_id, fois, vu_le, lot)
    yield from _aplatir_paiements(prospect, fois, vu_le, lot)


def _aplatir_contrats(
    prospect: ProspectLu, commercial_source_id: str | None, fois: int, vu_le: str, lot: Normalise
) -> Iterator[Ecart]:
    """Normalise contracts: one row per reference, of several nodes of one reference the most recent.

    A contract that names another prospect stays with the one that carries it, and is counted (product.md, *The source*).
    """
    par_cle: dict[str, list[ContratLu]] = {}
    for contrat in prospect.contrats:
        if contrat.prospect_id is not None and contrat.prospect_id != prospect.id_prospect:
            lot.d_un_autre += fois
        cle = cle_reference(contrat.reference)
        if cle is None:
            noeud = f"id:{contrat.id}" if contrat.id else contrat.chemin
            yield Ecart("contrats", f"{contrat.chemin}/titre", noeud, "reference_absente")
        elif max(len(cle), len(contrat.reference or "")) > LONGUEUR_REFERENCE:
            yield Ecart("contrats", f"{contrat.chemin}/titre", contrat.chemin, "reference_trop_longue")
        else:
            par_cle.setdefault(cle, []).append(contrat)
    for cle, versions in par_cle.items():
        retenu = max(versions, key=_anciennete) if len(versions) > 1 else versions[0]
        ligne = _contrat(prospect.id_prospect, cle, retenu, commercial_source_id, len(versions) * fois)
        lot.contrats.append((*ligne, vu_le))


def _aplatir_paiements(prospect: ProspectLu, fois: int, vu_le: str, lot: Normalise) -> Iterator[Ecart]:
    """Normalise bank details: one row per source id, or per IBAN where the source gives no id."""
    par_cle: dict[str, list[tuple[PaiementLu, str, str | None]]] = {}
    for paiement in prospect.paiements:
        noeud = f"id:{paiement.id}" if paiement.id else paiement.chemin
        iban, bic = cle_iban(paiement.iban), cle_bic(paiement.bic)
        if iban is None:
            motif = "iban_absent" if paiement.iban is None else "iban_invalide"
            yield Ecart("informations_paiement", f"{paiement.chemin}/IBAN", noeud, motif)
        elif paiement.bic is not None and bic is None:
            yield Ecart("informations_paiement", f"{paiement.chemin}/BIC", noeud, "bic_invalide")
        else:
            par_cle.setdefault(paiement.id or iban, []).append((paiement, iban, bic))
    for cle, trouves in par_cle.items():
        paiement, iban, bic = trouves[0]
        if len(trouves) > 1:
            paiement, iban, bic = max(trouves, key=lambda lu: (_anciennete(lu[0]), lu[1], lu[2] or ""))
        valeurs = (iban, bic, instant(paiement.modifie_a))
        lot.informations_paiement.append(
            (
                adresse(prospect.id_prospect, cle),
                prospect.id_prospect,
                *valeurs,
                str(len(trouves) * fois),
                empreinte(*valeurs),
                vu_le,
            )
        )


_JAMAIS = datetime.min.replace(tzinfo=UTC)


def _anciennete(noeud: ContratLu | PaiementLu) -> tuple[datetime, str]:
    """Order copies of one node: the most recent wins; of two without a time, one that does not depend on order."""
    contenu = repr(noeud).replace(noeud.chemin, "")
    return noeud.modifie_a or _JAMAIS, contenu


def _commercial(id_prospect: str, lu: CommercialLu) -> Ligne:
    source_id, *reste = _valeurs_commercial(lu)
    return source_id or f"prospect:{id_prospect}", *reste


@lru_cache(maxsize=4096)
def _valeurs_commercial(lu: CommercialLu) -> Ligne:
    """Work out a sales rep once, not for each prospect that carries a copy: the last column is the fingerprint."""
    cle = cle_email(lu.email)
    valeurs = (lu.nom, lu.prenom, lu.email, lu.telephone, cle, instant(lu.modifie_a))
    return lu.source_id or (f"email:{cle}" if cle else None), *valeurs, empreinte(*valeurs)


def _client(
    prospect: ProspectLu, commercial_source_id: str | None, commercial_empreinte: str | None, fois: int
) -> Ligne:
    valeurs = (
        prospect.nom,
        prospect.prenom,
        prospect.email,
        prospect.telephone,
        prospect.naissance.isoformat() if prospect.naissance else None,
        prospect.identity_card,
        commercial_source_id,
        commercial_empreinte,
        cle_nom(prospect.nom),
        cle_nom(prospect.prenom),
        cle_email(prospect.email),
        " ".join(cles_telephone(prospect.telephone)) or None,
        instant(prospect.modifie_a),
    )
    return prospect.id_prospect, *valeurs, str(fois), empreinte(*valeurs)


def _contrat(id_prospect: str, cle: str, lu: ContratLu, commercial_source_id: str | None, noeuds: int) -> Ligne:
    valeurs = (
        cle,
        lu.reference,
        lu.description,
        statut(lu.statut_source),
        lu.statut_source,
        lu.type,
        lu.fournisseur,
        lu.produit,
        None if lu.montant is None else str(lu.montant),
        instant(lu.date_signature),
        instant(lu.date_validation),
        lu.document_url,
        lu.audit_trail_url,
        commercial_source_id,
        instant(lu.modifie_a),
    )
    return adresse(id_prospect, cle), id_prospect, *valeurs, str(noeuds), empreinte(*valeurs)
