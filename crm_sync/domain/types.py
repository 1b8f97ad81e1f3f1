"""The shapes that cross the stages: what the source's nodes become, and one declared schema per batch.

A node as read from the source is a frozen object (`ProspectLu` and what it nests): the border has already given our
names and types to its values. A stage hands on Arrow batches (`pyarrow.RecordBatch`) whose columns are declared here
once; staging tables, tests and checks follow that declaration. In batches every value is text as Postgres would print it
(UTC for instants, a point for decimals): equality then means the same in Python and in SQL.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa


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


def tableau(colonnes: Sequence[str], lignes: Iterable[tuple[str | None, ...]]) -> "pa.RecordBatch":
    """Make a batch of these columns from rows of text: shape (rows, columns), None is null."""
    import pyarrow as pa

    valeurs = list(zip(*lignes, strict=True)) or [()] * len(colonnes)
    return pa.RecordBatch.from_arrays([pa.array(valeur, pa.string()) for valeur in valeurs], list(colonnes))


def retenir(lignes: "pa.RecordBatch", qui: Any) -> "pa.RecordBatch":
    """Keep the rows that an Arrow mask names, not those of which it says nothing: mostly all, which copies nothing."""
    from pyarrow import compute as pc

    return lignes if pc.all(qui, skip_nulls=False).as_py() else lignes.filter(qui)


def dans(valeurs: Any, connues: Any) -> Any:
    """Tell which values of an Arrow array are among those that are known, as a mask; a missing one is not."""
    import pyarrow as pa
    from pyarrow import compute as pc

    ensemble = connues if isinstance(connues, pa.Array) else pa.array(sorted(connues), pa.string())
    return pc.is_in(valeurs, value_set=ensemble.drop_null())


def certain(masque: Any) -> Any:
    """Read what a mask does not say as no."""
    from pyarrow import compute as pc

    return pc.fill_null(masque, fill_value=False)


def autrement_ecrits(a: Any, b: Any) -> Any:
    """Tell per row whether two Arrow arrays do not hold the same text; null is only null."""
    from pyarrow import compute as pc

    return pc.invert(pc.or_(certain(pc.equal(a, b)), pc.and_(a.is_null(), b.is_null())))


def la_ou(qui: Any, valeurs: Any) -> Any:
    """Give values, or one text, where a mask says yes, null elsewhere."""
    import pyarrow as pa
    from pyarrow import compute as pc

    return pc.if_else(qui, valeurs, pa.scalar(None, pa.string()))


def traduire(valeurs: Any, traductions: Mapping[str, str | None]) -> Any:
    """Give what each value of an Arrow array stands for, null where that is nothing or not known."""
    import pyarrow as pa

    return calculer(valeurs, traductions.get) if traductions else pa.nulls(len(valeurs), pa.string())


def calculer(valeurs: Any, calcul: Callable[[str], str | None]) -> Any:
    """Work out a text from each value of an Arrow array; nothing of nothing."""
    import pyarrow as pa

    return pa.array([None if v is None else calcul(v) for v in valeurs.to_pylist()], pa.string())


def distincts(valeurs: Any) -> list[str]:
    """List the values of an Arrow array, each once."""
    connus: list[str] = valeurs.drop_null().unique().to_pylist()
    return connus


def avec(lignes: "pa.RecordBatch", colonnes: Mapping[str, Any]) -> "pa.RecordBatch":
    """Give a batch with these columns, new ones or in the place of those that it has; a text is that of all rows, None null."""
    import pyarrow as pa

    donnees = {
        nom: pa.repeat(pa.scalar(colonne, pa.string()), lignes.num_rows)
        if colonne is None or isinstance(colonne, str)
        else colonne
        for nom, colonne in colonnes.items()
    }
    return pa.RecordBatch.from_pydict(dict(zip(lignes.schema.names, lignes.columns, strict=True)) | donnees)


def a_la_suite(lignes: "pa.RecordBatch", autres: "pa.RecordBatch") -> "pa.RecordBatch":
    """Put batches under one another, with the columns of the first; what the second has no column for is null."""
    import pyarrow as pa

    if not autres.num_rows:
        return lignes
    connues = set(autres.schema.names)
    return pa.RecordBatch.from_pydict(
        {
            nom: pa.concat_arrays([colonne, autres[nom] if nom in connues else pa.nulls(autres.num_rows, colonne.type)])
            for nom, colonne in zip(lignes.schema.names, lignes.columns, strict=True)
        }
    )
