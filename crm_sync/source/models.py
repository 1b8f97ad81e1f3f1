"""The endpoint's shape, as pydantic models: the one description of what the colleague's application sends.

Keys are spelt as received (`Souscription`, `IBAN`). Each model reads one node and only that node: relations are kept as
received and read node by node (`source.lecture`), so that one bad child never costs its parent. A relation may be
absent, null or empty: all three mean that there is nothing.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict

from crm_sync.domain import valeurs

# A reader refuses a value with `ValeurIllisible`, a ValueError: pydantic hands it on, with the reject's reason in it.
Texte = Annotated[str | None, BeforeValidator(valeurs.lire_texte)]
Identifiant = Annotated[str | None, BeforeValidator(valeurs.lire_identifiant)]
Montant = Annotated[Decimal | None, BeforeValidator(valeurs.lire_montant)]
Instant = Annotated[datetime | None, BeforeValidator(valeurs.lire_instant)]
Modification = Annotated[datetime | None, BeforeValidator(valeurs.lire_modification)]


class Noeud(BaseModel):
    """A node of the answer; unknown keys are ignored here (the payload is kept whole) and reported as drift.

    Where a node's own `updatedAt` decides something, its model reads it.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    createdAt: Any = None
    updatedAt: Any = None

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

    updatedAt: Modification = None
    id: Identifiant = None
    nom: Texte = None
    prenom: Texte = None
    email: Texte = None
    telephone: Texte = None


class InformationsPaiement(Noeud):
    """Bank details of a prospect."""

    updatedAt: Modification = None
    id: Identifiant = None
    IBAN: Texte = None
    BIC: Texte = None
    prospectId: Any = None


class Offre(Noeud):
    """What is sold; its name becomes the contract's product."""

    id: Identifiant = None
    nom: Texte = None
    description: Any = None
    fournisseur: Any = None
    prix: Any = None
    type: Any = None


class Contrat(Noeud):
    """A signed contract; `titre` is its reference."""

    updatedAt: Modification = None
    id: Identifiant = None
    titre: Texte = None
    description: Texte = None
    statut: Texte = None
    dateSignature: Instant = None
    dateValidation: Instant = None
    montant: Montant = None
    fournisseur: Texte = None
    type: Texte = None
    documentUrl: Texte = None
    auditTrailUrl: Texte = None
    prospectId: Identifiant = None
    souscriptionId: Any = None


class Souscription(Noeud):
    """A subscription: an offer and the contracts signed for it. Its id is not used, and so cannot cost its contracts."""

    id: Any = None
    statut: Any = None
    prospectId: Any = None
    offreId: Any = None
    offre: Any = None
    contrats: Any = None
    paiements: Any = None
    abonnement: Any = None


class Prospect(Noeud):
    """One element of the answer."""

    updatedAt: Modification = None
    idProspect: Identifiant = None
    nom: Texte = None
    prenom: Texte = None
    email: Texte = None
    telephone: Texte = None
    dateNaissance: Modification = None
    commercialId: Identifiant = None
    informationsPaiement: Any = None
    Souscription: Any = None
    commercial: Any = None
    identityCard: Any = None
