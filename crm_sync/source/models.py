"""The endpoint's shape, as pydantic models: the one description of what the colleague's application sends.

Keys are spelt as received (`Souscription`, `IBAN`). Each model reads one node and only that node: relations are kept as
received and read node by node (`source.lecture`), so that one bad child never costs its parent; which model stands in
which relation is `RELATIONS`. A relation may be absent, null or empty: all three mean that there is nothing.

Descriptions are French and for the colleague: they are the OpenAPI document's (`source.specification`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, NamedTuple, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from crm_sync.domain import valeurs

# A reader refuses a value with `ValeurIllisible`, a ValueError: pydantic hands it on, with the reject's reason in it. The
# schema beside it is what we ask for; the reader takes a little more (a phone as a number, a date with an odd offset).
_DECIMAL = r"^\s*([+-]?\d{1,30}(\.\d{1,60})?([eE][+-]?\d{1,2})?)?\s*$"
_INSTANT = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}, {"type": "null"}],
    "examples": ["2025-01-31T09:12:44.125Z"],
}

Texte = Annotated[str | None, BeforeValidator(valeurs.lire_texte), WithJsonSchema({"type": ["string", "null"]})]
Identifiant = Annotated[
    str | None,
    BeforeValidator(valeurs.lire_identifiant),
    WithJsonSchema({"type": ["string", "integer", "null"], "maxLength": valeurs.LONGUEUR_IDENTIFIANT}),
]
Montant = Annotated[
    Decimal | None,
    BeforeValidator(valeurs.lire_montant),
    WithJsonSchema({"type": ["string", "number", "null"], "pattern": _DECIMAL, "examples": ["29.9", 29.9, "40"]}),
]
Instant = Annotated[datetime | None, BeforeValidator(valeurs.lire_instant), WithJsonSchema(_INSTANT)]
Modification = Annotated[datetime | None, BeforeValidator(valeurs.lire_modification), WithJsonSchema(_INSTANT)]

PAS_LU = "Pas lu ; gardé tel que reçu."
RECENCE = (
    "Date de dernière modification de CE nœud, par Prisma (`…Z`). Elle décide quelle valeur gagne quand le CRM a changé "
    "aussi ; sans elle, c'est le moment où nous voyons la nouvelle valeur. La modification d'un enfant ne la bouge pas."
)
CONSULTE = "Gardé tel que reçu, montré dans la vue 360° ; ne décide de rien."


class Noeud(BaseModel):
    """A node of the answer; unknown keys are ignored here (the payload is kept whole) and reported as drift.

    Where a node's own `updatedAt` decides something, its model reads it.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    SENS: ClassVar[str] = ""
    """What the node is, in French, for the colleague."""
    NECESSAIRES: ClassVar[frozenset[str]] = frozenset()
    """Keys without whose value the node is put aside."""
    FACULTATIVES: ClassVar[frozenset[str]] = frozenset()
    """Keys that we read and that may be missing without loss; those that we do not read may be, too."""

    createdAt: Any = Field(None, description=PAS_LU)
    updatedAt: Any = Field(None, description=PAS_LU)

    @classmethod
    def lecteurs(cls) -> dict[str, Callable[[object], object] | None]:
        """Give what reads each field, in the order of the model; None for a field that is kept as received.

        A reader's answer is of the field's type: pydantic, which would look at it once more, changes nothing.
        """
        return {
            nom: next(
                (
                    cast("Callable[[object], object]", regle.func)
                    for regle in champ.metadata
                    if isinstance(regle, BeforeValidator)
                ),
                None,
            )
            for nom, champ in cls.model_fields.items()
        }


class User(Noeud):
    """A sales rep."""

    SENS: ClassVar[str] = (
        "Le commercial du prospect ; devient un apporteur et un utilisateur du CRM, reconnus à l'id puis à l'e-mail."
    )
    NECESSAIRES: ClassVar[frozenset[str]] = frozenset({"email"})
    FACULTATIVES: ClassVar[frozenset[str]] = frozenset({"telephone"})

    updatedAt: Modification = Field(None, description=RECENCE)
    id: Identifiant = Field(None, description="Identifiant stable : une adresse qui change reste la même personne.")
    nom: Texte = Field(None, description="Nom de famille.")
    prenom: Texte = Field(None, description="Prénom.")
    email: Texte = Field(
        None,
        description="Adresse par laquelle on retrouve le commercial dans le CRM ; sans elle, ses nouveaux contrats vont à "
        "« Non attribué ».",
    )
    telephone: Texte = Field(None, description="Téléphone, en texte : un nombre perdrait le zéro de tête.")


class InformationsPaiement(Noeud):
    """Bank details of a prospect."""

    SENS: ClassVar[str] = "Coordonnées bancaires du prospect."
    NECESSAIRES: ClassVar[frozenset[str]] = frozenset({"IBAN"})
    FACULTATIVES: ClassVar[frozenset[str]] = frozenset({"id", "BIC"})

    updatedAt: Modification = Field(None, description=RECENCE)
    id: Identifiant = Field(
        None,
        description="Identifiant stable : le même id avec un nouvel IBAN change la ligne ; sans id, un nouvel IBAN est une "
        "nouvelle ligne.",
    )
    IBAN: Texte = Field(
        None,
        description="IBAN, espaces admis ; longueur et clé (mod 97) sont vérifiées, un IBAN faux est mis de côté.",
        examples=["FR1420041010050500013M02606"],
    )
    BIC: Texte = Field(None, description="BIC de 8 ou 11 caractères, ou null.", examples=["BNPAFRPPXXX"])
    prospectId: Any = Field(None, description=PAS_LU)


class Offre(Noeud):
    """What is sold; its name becomes the contract's product."""

    SENS: ClassVar[str] = "Ce qui est vendu ; son nom devient le produit du contrat."
    FACULTATIVES: ClassVar[frozenset[str]] = frozenset({"id"})

    id: Identifiant = Field(None, description="Identifiant de l'offre.")
    nom: Texte = Field(None, description="Nom de l'offre : le produit de chaque contrat de la souscription.")
    description: Any = Field(None, description=CONSULTE)
    fournisseur: Any = Field(None, description=CONSULTE)
    prix: Any = Field(None, description=CONSULTE)
    type: Any = Field(None, description=CONSULTE)


class Contrat(Noeud):
    """A signed contract; `titre` is its reference."""

    SENS: ClassVar[str] = "Un contrat signé ; `titre` est sa référence, par laquelle il est retrouvé dans le CRM."
    NECESSAIRES: ClassVar[frozenset[str]] = frozenset({"titre"})
    FACULTATIVES: ClassVar[frozenset[str]] = frozenset(
        {"id", "description", "documentUrl", "auditTrailUrl", "prospectId", "type", "fournisseur"}
    )

    updatedAt: Modification = Field(None, description=RECENCE)
    id: Identifiant = Field(None, description="Identifiant du contrat dans l'application source.")
    titre: Texte = Field(
        None,
        description="RÉFÉRENCE du contrat, unique ; casse et espaces ne comptent pas, les zéros de tête si. Sans elle, le "
        "contrat est mis de côté.",
        examples=["8177185WNC"],
    )
    description: Texte = Field(None, description="Texte libre du contrat.")
    statut: Texte = Field(
        None,
        description="Libellé ou valeur d'énumération ; ramené à en attente, signé, validé, annulé, résilié. Un mot inconnu "
        "est gardé, compté dans « autre » et signalé.",
        examples=["Validé", "EN_ATTENTE"],
    )
    dateSignature: Instant = Field(
        None,
        description="Date de signature ; un minuit de Paris peut arriver à 22:00Z ou 23:00Z la veille. Illisible, elle met "
        "le contrat de côté.",
    )
    dateValidation: Instant = Field(None, description="Date de validation, comme dateSignature.")
    montant: Montant = Field(
        None,
        description='Montant en euros. Prisma envoie ses Decimal en texte, sans zéros finaux (`"29.9"`) ; un nombre est lu '
        "aussi. Point décimal, sans symbole ; illisible, il met le contrat de côté.",
    )
    fournisseur: Texte = Field(None, description="Fournisseur.")
    type: Texte = Field(None, description="Type de contrat.")
    documentUrl: Texte = Field(None, description="Chemin du PDF ; seul le chemin est gardé.")
    auditTrailUrl: Texte = Field(None, description="Chemin de la preuve de signature ; seul le chemin est gardé.")
    prospectId: Identifiant = Field(
        None, description="Le prospect du contrat. S'il en nomme un autre que celui qui le porte, l'imbrication gagne."
    )
    souscriptionId: Any = Field(None, description=PAS_LU)


class Souscription(Noeud):
    """A subscription: an offer and the contracts signed for it. Its id is not used, and so cannot cost its contracts."""

    SENS: ClassVar[str] = (
        "Une offre et les contrats signés pour elle. Son id ne sert pas, et ne peut donc coûter ses contrats."
    )

    id: Any = Field(None, description=PAS_LU)
    statut: Any = Field(None, description=CONSULTE)
    prospectId: Any = Field(None, description=PAS_LU)
    offreId: Any = Field(None, description=PAS_LU)
    offre: Any = Field(None, description="L'offre souscrite.")
    contrats: Any = Field(None, description="Les contrats de la souscription.")
    paiements: Any = Field(None, description=CONSULTE)
    abonnement: Any = Field(None, description=CONSULTE)


class Prospect(Noeud):
    """One element of the answer."""

    SENS: ClassVar[str] = (
        "Un élément de la réponse : un prospect qui a au moins un contrat, avec tout ce qui lui appartient."
    )
    NECESSAIRES: ClassVar[frozenset[str]] = frozenset({"idProspect", "nom"})
    FACULTATIVES: ClassVar[frozenset[str]] = frozenset({"dateNaissance"})

    updatedAt: Modification = Field(None, description=RECENCE)
    idProspect: Identifiant = Field(
        None,
        description="Identifiant stable et unique dans la réponse ; jamais réattribué à une autre personne. Sans lui, le "
        "prospect est mis de côté.",
        examples=[397],
    )
    nom: Texte = Field(None, description="Nom de famille. Sans lui, le prospect est mis de côté avec ses enfants.")
    prenom: Texte = Field(None, description="Prénom.")
    email: Texte = Field(None, description="E-mail : avec le prénom, retrouve le client dans le CRM.")
    telephone: Texte = Field(
        None,
        description="Téléphone, en texte (un nombre perdrait le zéro de tête) : avec le nom, retrouve le client dans le CRM.",
        examples=["06 39 98 00 12", "+33639980012"],
    )
    dateNaissance: Modification = Field(
        None, description="Date de naissance ; deux dates différentes séparent deux homonymes."
    )
    commercialId: Identifiant = Field(None, description="Identifiant du commercial, si `commercial` n'en porte pas.")
    informationsPaiement: Any = Field(None, description="Les coordonnées bancaires du prospect.")
    Souscription: Any = Field(None, description="Les souscriptions du prospect (avec une majuscule).")
    commercial: Any = Field(
        None, description="Le commercial qui suit le prospect, et donc ses contrats. Sans lui : « Non attribué »."
    )
    identityCard: Any = Field(None, description="La pièce d'identité, gardée telle quelle dans le CRM.")


class Relation(NamedTuple):
    """What stands below a key: nodes of this model, in a list or alone."""

    modele: type[Noeud]
    liste: bool


RELATIONS: Mapping[type[Noeud], Mapping[str, Relation]] = MappingProxyType(
    {
        Prospect: {
            "informationsPaiement": Relation(InformationsPaiement, liste=True),
            "Souscription": Relation(Souscription, liste=True),
            "commercial": Relation(User, liste=False),
        },
        Souscription: {
            "offre": Relation(Offre, liste=False),
            "contrats": Relation(Contrat, liste=True),
        },
    }
)
"""Which model stands in which relation of which model; a model that is not here has none."""

MODELES: Mapping[str, type[Noeud]] = MappingProxyType(
    {modele.__name__: modele for modele in (Prospect, InformationsPaiement, Souscription, Offre, Contrat, User)}
)
"""Every model of a node, by name, from the root down."""
