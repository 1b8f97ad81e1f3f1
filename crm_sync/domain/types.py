"""The shapes that cross the stages: what the source's nodes become, and one declared schema per frame.

A node as read from the source is a frozen object (`ProspectLu` and what it nests): the border has already given our
names and types to its values. A stage hands on frames (`pandas.DataFrame`, Arrow-backed) whose columns are declared
here once; staging tables, tests and checks follow that declaration. From the decision on the same columns go on as one
Arrow batch (`pyarrow.RecordBatch`). In frames every value is text as Postgres would
print it (UTC for instants, a point for decimals): equality then means the same in Python and in SQL.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd
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


def cadre(colonnes: tuple[str, ...], lignes: Iterable[tuple[str | None, ...]]) -> "pd.DataFrame":
    """Make a frame of the declared columns from rows of text: shape (rows, columns), Arrow strings, None is NA."""
    import pandas as pd
    import pyarrow as pa

    valeurs = list(zip(*lignes, strict=True)) or [()] * len(colonnes)
    texte = pd.ArrowDtype(pa.string())
    return pd.DataFrame(
        {
            nom: pd.array(pa.array(valeur, pa.string()), dtype=texte)
            for nom, valeur in zip(colonnes, valeurs, strict=True)
        }
    )


def textes(colonne: "pd.Series[str]") -> Any:
    """Give a column as one Arrow array of text: on Arrow itself a step costs a tenth of what it costs by way of pandas."""
    import pyarrow as pa

    if isinstance(colonne, pa.Array):
        return colonne
    valeurs = pa.array(colonne, pa.string(), from_pandas=True)
    return valeurs.combine_chunks() if isinstance(valeurs, pa.ChunkedArray) else valeurs


def liste(colonne: "pd.Series[str]") -> list[Any]:
    """Give a column as a list of texts, None where there is none: a tenth of what `tolist` takes."""
    valeurs: list[Any] = textes(colonne).to_pylist()
    return valeurs


def parmi(lignes: "pd.DataFrame", qui: Any) -> "pd.DataFrame":
    """Keep the rows that a mask names: mostly all or none, and taking them from forty columns is most of a small stage."""
    if qui.all():
        return lignes
    return lignes[qui] if qui.any() else lignes.iloc[:0]


def tableau(lignes: "pd.DataFrame") -> "pa.RecordBatch":
    """Give a frame as one Arrow batch of the same columns, text or flags.

    Where a few rows have forty columns, choosing among them costs a tenth of what it costs in pandas.
    """
    import pyarrow as pa

    return pa.RecordBatch.from_pydict(
        {
            str(nom): pa.array(colonne.array) if colonne.dtype == bool else textes(colonne)
            for nom, colonne in lignes.items()
        }
    )


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


def avec(lignes: "pa.RecordBatch", colonnes: Mapping[str, Any]) -> "pa.RecordBatch":
    """Give a batch with these columns, new ones or in the place of those that it has."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({nom: lignes[nom] for nom in lignes.schema.names} | dict(colonnes))


def en_cadre(lignes: "pa.RecordBatch") -> "pd.DataFrame":
    """Make a frame of an Arrow batch of text, the inverse of `tableau`."""
    import pandas as pd

    colonnes = zip(lignes.schema.names, lignes.columns, strict=True)
    return pd.DataFrame({nom: pd.arrays.ArrowExtensionArray(v) for nom, v in colonnes}, copy=False)
