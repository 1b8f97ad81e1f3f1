"""The shapes of the API's answers, one model each: the OpenAPI document is made of them.

Names are the tables' own. Instants are ISO 8601 with an offset, amounts texts with two decimals, ids texts; null where unknown.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

Statut = Literal["en_attente", "signe", "valide", "annule", "resilie", "autre"]
Lecture = Literal["portefeuille", "vendu"]
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Jour = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Ident = str


def _deux_decimales(montant: Decimal) -> str:
    return f"{montant:.2f}" if montant.is_finite() else "0.00"


Montant = Annotated[
    Decimal,
    PlainSerializer(_deux_decimales, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+\.\d{2}$"}),
]
MontantInconnu = Annotated[
    Montant | None, BeforeValidator(lambda m: None if isinstance(m, Decimal) and not m.is_finite() else m)
]
"""The amount of a row of theirs: `NaN` and infinity are no amounts."""


class Forme(BaseModel):
    """A shape: nothing beside the declared fields leaves the server."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Probleme(Forme):
    """An error: problem details (RFC 9457)."""

    type: str = Field(description="Toujours « about:blank » : le statut HTTP dit de quelle sorte d'erreur il s'agit.")
    title: str
    status: int
    detail: str


class Comptes(Forme):
    """The counts of KPI rows: of one sales rep, or their sum."""

    nb_contrats: int
    nb_en_attente: int
    nb_signes: int
    nb_valides: int
    nb_annules: int
    nb_resilies: int
    nb_autres: int
    nb_clients: int
    montant_total: Montant
    montant_valide: Montant
    nb_vendus: int
    montant_vendu: Montant


class LigneKpi(Comptes):
    """One row of the KPI table."""

    commercial_id: Ident
    utilisateur_id: Ident | None = Field(
        description="Vide pour « Non attribué » et pour un apporteur sans utilisateur."
    )
    manager_id: Ident | None
    nom: str | None
    prenom: str | None
    non_attribue: bool = Field(description="La ligne réservée aux contrats que personne ne tient.")
    part: float = Field(description="Part des contrats de tous les commerciaux, de 0 à 1.")
    rang: int = Field(description="Rang parmi tous les commerciaux, par nombre de contrats, ex æquo compris.")
    dernier_contrat_le: Instant | None
    calcule_le: Instant


class Periode(Forme):
    """Days of signature in Paris, both included; null: without limit."""

    du: Jour | None
    au: Jour | None


class KpiParCommercial(Forme):
    """Contracts per sales rep, as far as the viewer may see."""

    lignes: list[LigneKpi]
    total: Comptes = Field(description="La somme des lignes.")
    calcule_le: Instant | None
    perime: bool = Field(description="Les chiffres ont plus de deux heures, ou n'ont jamais été calculés.")
    lecture: Lecture
    periode: Periode
    sans_commercial: int = Field(
        description="Contrats que personne ne tient et qu'aucune ligne ne compte, tant que « Non attribué » n'existe pas."
    )


class LigneMois(Forme):
    """Contracts of one sales rep, month and status."""

    commercial_id: Ident
    mois: Jour | None = Field(description="Premier jour du mois de signature, heure de Paris ; vide sans signature.")
    statut: Statut
    nb_contrats: int
    montant: Montant


class KpiParMois(Forme):
    """Contracts per month, as far as the viewer may see."""

    lignes: list[LigneMois]
    calcule_le: Instant | None
    perime: bool


class Commercial(Forme):
    """A sales rep by name."""

    id: Ident
    nom: str | None


class Contrat(Forme):
    """One contract."""

    id: Ident
    reference: str | None
    description: str | None
    statut: Statut
    statut_source: str | None = Field(description="Le statut dans les mots d'origine.")
    type: str | None
    fournisseur: str | None
    produit: str | None
    montant: MontantInconnu
    date_signature: Instant | None
    date_validation: Instant | None
    document_url: str | None
    audit_trail_url: str | None
    client_id: Ident | None
    client: str | None
    portefeuille: Commercial | None = Field(description="Qui tient le contrat aujourd'hui.")
    vendu_par: Commercial | None = Field(description="Qui le tenait quand il a été vu signé pour la première fois.")
    disparu_le: Instant | None = Field(description="Depuis quand la source ne l'a plus ; ce n'est pas une résiliation.")
    created_at: Instant | None
    updated_at: Instant | None


class Client(Forme):
    """Identity and contacts of a client."""

    id: Ident
    nom: str | None
    prenom: str | None
    email: str | None
    telephone: str | None
    statut: str | None
    created_at: Instant | None
    updated_at: Instant | None
    supprime: bool


class Paiement(Forme):
    """Bank details, masked."""

    fin: str | None = Field(
        description="Les quatre derniers caractères de l'IBAN, pour un admin ou un manager seulement."
    )
    bic: None = Field(description="Jamais montré.")
    disparu_le: Instant | None


class CarteIdentite(Forme):
    """Whether there is an identity card, and until when it is good."""

    presente: bool
    expire_le: Jour | None


class Souscription(Forme):
    """A subscription as the source last sent it."""

    offre: str | None
    statut: str | None
    abonnement: dict[str, Any] | None = Field(description="Tel que reçu, sans IBAN, BIC ni carte.")
    contrats: list[str] = Field(description="Les références de ses contrats chez ce client.")


class Changement(Forme):
    """A field that a sync changed, or a row that it made."""

    le: Instant
    champ: str | None = Field(description="Vide quand la ligne entière a été créée ou retirée.")
    avant: str | None
    apres: str | None
    regle: str
    phrase: str
    run_id: str
    entite: Literal["client", "contrat", "information_paiement"]
    reference: str | None = Field(description="La référence du contrat concerné.")


class Doublon(Forme):
    """Somebody who may be the same person, and whom the viewer may see."""

    client_id: Ident | None
    prospect_id: str | None
    nom: str | None
    phrase: str
    signale_le: Instant


class Disparu(Forme):
    """What the source no longer has."""

    entite: Literal["client", "contrat", "information_paiement"]
    reference: str | None
    depuis: Instant
    disparu_le: Instant


class Fraicheur(Forme):
    """How fresh what is shown is."""

    derniere_synchronisation: Instant | None
    vu_dans_la_source_le: Instant | None = Field(description="Le client ; vide dans une liste de plusieurs.")
    calcule_le: Instant | None
    perime: bool


class PageContrats(Forme):
    """A page of contracts, and how fresh it is."""

    lignes: list[Contrat]
    suite: str | None = Field(description="Le curseur de la page suivante ; vide à la fin.")
    fraicheur: Fraicheur


class VueClient(Forme):
    """The 360° view of one client."""

    client: Client
    contrats: list[Contrat]
    paiements: list[Paiement]
    carte_identite: CarteIdentite
    souscriptions: list[Souscription]
    versements: list[dict[str, Any]] = Field(description="Les paiements tels que reçus, sans IBAN, BIC ni carte.")
    changements: list[Changement]
    doublons: list[Doublon]
    disparus: list[Disparu]
    fraicheur: Fraicheur


class VueContrat(Forme):
    """One contract, what changed of it, and how fresh that is."""

    contrat: Contrat
    changements: list[Changement]
    fraicheur: Fraicheur


class Deposee(Forme):
    """A request that was filed."""

    id: str
    statut: Literal["en_attente"]


class CompteEntite(Forme):
    """What became of what was received of one entity."""

    recus: int
    crees: int
    modifies: int
    inchanges: int
    reunis: int
    rejets: int


class Resultat(Forme):
    """The counts of a sync."""

    prospects: int = 0
    commerciaux: CompteEntite | None = None
    clients: CompteEntite | None = None
    contrats: CompteEntite | None = None
    informations_paiement: CompteEntite | None = None
    rejets: int = 0
    doublons_possibles: int = 0
    conflits: int = 0
    disparus: int = 0
    retraits_en_attente: int = 0
    duree_s: float | None = None


class Attente(Forme):
    """A request that no sync has taken up yet."""

    id: str
    demande_le: Instant


class Synchronisation(Forme):
    """A request, or a sync that nobody asked for, and how far it is."""

    id: str
    statut: Literal["en_attente", "en_cours", "reussie", "echouee", "refusee"]
    etape: str | None = Field(description="file d'attente, lecture, rapprochement, écriture, indicateurs, terminé.")
    run_id: str | None = Field(description="L'exécution de Dagster ; vide tant qu'aucune n'a pris la demande.")
    demande_par: str | None = Field(description="Le nom de qui l'a demandée ; vide pour celle de l'heure.")
    demande_le: Instant
    commence_le: Instant | None
    termine_le: Instant | None
    resultat: Resultat | None
    message: str | None
    prochaine: Instant = Field(description="La prochaine synchronisation de l'heure.")
    perime: bool = Field(description="Aucune synchronisation n'a réussi depuis plus de deux heures.")
    votre_demande: Attente | None = Field(
        description="La demande de cet utilisateur qui attend encore : celle-ci, ou une autre que la suivante prendra."
    )


class Moi(Forme):
    """Who the token names."""

    utilisateur_id: Ident
    role: Literal["admin", "manager", "commercial"]
    nom: str
    commercial_id: Ident | None
    peut_synchroniser: bool


class Sante(Forme):
    """That the server answers."""

    statut: Literal["ok"]
