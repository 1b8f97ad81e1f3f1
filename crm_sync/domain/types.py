"""The shapes that cross the stages: what the source's nodes become, and one declared schema per batch.

A node as read from the source is a frozen object (`ProspectLu` and what it nests): the border has already given our
names and types to its values. A stage hands on Arrow batches (`pyarrow.RecordBatch`) whose columns are declared here
once; staging tables, tests and checks follow that declaration. In batches every value is text as Postgres would print it
(UTC for instants, a point for decimals): equality then means the same in Python and in SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Ecart(NamedTuple):
    """A node that cannot be used: put aside, with where it stands and why. Never holds the node's values.

    `chemin` is a JSON pointer from the prospect (`/Souscription/0/contrats/1/titre`), `noeud` tells this node from its
    siblings when the order of the answer changes, `motif` is a key of `domain.motifs.MOTIFS`, `noeuds` how many
    received nodes of that entity the line stands for.
    """

    entite: str
    chemin: str
    noeud: str
    motif: str
    noeuds: int = 1


class CommercialLu(NamedTuple):
    """A sales rep as nested in a prospect; `source_id` is the source's user id, None where it gave none."""

    source_id: str | None
    nom: str | None
    prenom: str | None
    email: str | None
    telephone: str | None
    modifie_a: datetime | None


class ContratLu(NamedTuple):
    """A contract as nested in a subscription; `chemin` is its JSON pointer from the prospect."""

    chemin: str
    id: str | None
    reference: str | None
    description: str | None
    statut_source: str | None
    type: str | None
    fournisseur: str | None
    produit: str | None
    montant: Decimal | None
    date_signature: datetime | None
    date_validation: datetime | None
    document_url: str | None
    audit_trail_url: str | None
    prospect_id: str | None
    modifie_a: datetime | None


class PaiementLu(NamedTuple):
    """Bank details as nested in a prospect."""

    chemin: str
    id: str | None
    iban: str | None
    bic: str | None
    modifie_a: datetime | None


class ProspectLu(NamedTuple):
    """One received prospect, read: its own values, its children, and what of it could not be read.

    `ecarts` holds the unreadable nodes, at the smallest grain.
    """

    id_prospect: str
    nom: str | None
    prenom: str | None
    email: str | None
    telephone: str | None
    naissance: date | None
    identity_card: str | None
    commercial_id: str | None
    commercial: CommercialLu | None
    contrats: tuple[ContratLu, ...]
    paiements: tuple[PaiementLu, ...]
    modifie_a: datetime | None
    ecarts: tuple[Ecart, ...]


class ElementLu(NamedTuple):
    """One element of the answer, read: the prospect, or why there is none.

    `recus_contrats` and `recus_paiements` count the nodes that the payload carried, usable or not: the books are checked
    against them. `inconnues` are keys that the endpoint's description does not know, as `Modele.cle`.
    """

    prospect: ProspectLu | Ecart
    recus_contrats: int
    recus_paiements: int
    inconnues: frozenset[str]


@dataclass(frozen=True, slots=True)
class Champ:
    """One field that the source and the CRM share.

    `genre` chooses the canonical form in which values are compared (`domain.canonique`); fields of one `groupe` are
    decided together (first and last name; IBAN and BIC).
    """

    nom: str
    genre: str = "texte"
    groupe: str | None = None


CHAMPS: Mapping[str, tuple[Champ, ...]] = {
    "utilisateur": (
        Champ("email", "email"),
        Champ("nom"),
        Champ("prenom"),
        Champ("telephone", "telephone"),
        Champ("role"),
        Champ("actif"),
    ),
    "apporteur": (
        Champ("utilisateur_id"),
        Champ("nom", groupe="identite"),
        Champ("prenom", groupe="identite"),
        Champ("email", "email"),
        Champ("telephone", "telephone"),
    ),
    "client": (
        Champ("nom", groupe="identite"),
        Champ("prenom", groupe="identite"),
        Champ("email", "email"),
        Champ("telephone", "telephone"),
        Champ("identity_card", "json"),
    ),
    "contrat": (
        Champ("reference", "reference"),
        Champ("description"),
        Champ("statut", "statut"),
        Champ("statut_source"),
        Champ("type"),
        Champ("fournisseur"),
        Champ("produit"),
        Champ("montant", "montant"),
        Champ("date_signature", "instant"),
        Champ("date_validation", "instant"),
        Champ("document_url"),
        Champ("audit_trail_url"),
        Champ("client_id"),
        Champ("commercial_id"),
    ),
    "information_paiement": (
        Champ("iban", "iban", groupe="banque"),
        Champ("bic", groupe="banque"),
        Champ("client_id"),
    ),
}

COMMERCIAUX = (
    "source_id",
    "nom",
    "prenom",
    "email",
    "telephone",
    "cle_email",
    "modifie_a",
    "empreinte",
    "vu_le",
)
CLIENTS = (
    "source_id",
    "nom",
    "prenom",
    "email",
    "telephone",
    "naissance",
    "identity_card",
    "commercial_source_id",
    "commercial_empreinte",
    "cle_nom",
    "cle_prenom",
    "cle_email",
    "cles_telephone",
    "modifie_a",
    "noeuds",
    "empreinte",
    "vu_le",
)
CONTRATS = (
    "source_id",
    "id_prospect",
    "cle_reference",
    "reference",
    "description",
    "statut",
    "statut_source",
    "type",
    "fournisseur",
    "produit",
    "montant",
    "date_signature",
    "date_validation",
    "document_url",
    "audit_trail_url",
    "commercial_source_id",
    "modifie_a",
    "noeuds",
    "empreinte",
    "vu_le",
)
INFORMATIONS_PAIEMENT = ("source_id", "id_prospect", "iban", "bic", "modifie_a", "noeuds", "empreinte", "vu_le")
REJETS = ("cle", "entite", "id_prospect", "chemin", "motif", "noeuds")
NORMALISATION = (
    "cle",
    "versions",
    "regles",
    "recus_clients",
    "recus_contrats",
    "recus_informations_paiement",
    "horloges_en_avance",
)
