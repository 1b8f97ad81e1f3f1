"""What a CRM holds, said once for every CRM of the tests: rows that name each other by key, without a column's name.

`typeorm.py`, `prisma.py` say which table and column of theirs a value stands in; they share nothing with the mapping
files, which are what is tested.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from crm_sync.crm.connexion import Service

ANCIEN = datetime(2023, 5, 2, 8, 30, tzinfo=UTC)
"""When rows were made, unless said otherwise."""
TOUCHE = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
"""When rows were last changed, unless said otherwise: before any change of the source."""
PERDU = "perdu"
"""The key of a client that leads nowhere: an id that no row of theirs has."""


@dataclass(frozen=True)
class Utilisateur:
    """Who logs in. `role`: commercial, manager, admin, or `autre`, theirs for which we have no word.

    `adresse` None: one made of the key, in capitals and small letters as somebody typed it.
    """

    cle: str
    nom: str | None
    prenom: str | None
    role: str = "commercial"
    manager: str | None = None
    actif: bool = True
    telephone: str | None = None
    adresse: str | None = None

    @property
    def email(self) -> str:
        """Give the address, one each."""
        return self.adresse or f"{self.cle.title()}@Equipe.example"


@dataclass(frozen=True)
class Apporteur:
    """Who sells; `utilisateur` is a key, None for who has no account."""

    cle: str
    nom: str
    prenom: str | None = None
    email: str | None = None
    telephone: str | None = None
    utilisateur: str | None = None


@dataclass(frozen=True)
class Client:
    """Who buys; dates are aware."""

    cle: str
    nom: str
    prenom: str | None = None
    email: str | None = None
    telephone: str | None = None
    adresse: str | None = None
    supprime: bool = False
    cree_le: datetime = ANCIEN
    modifie_le: datetime = TOUCHE


@dataclass(frozen=True)
class Contrat:
    """What was sold, known by its reference as their people or their importer wrote it.

    `client`, `apporteur`: keys, None for an empty column, `PERDU` for an id that leads nowhere. `statut`: a word of ours,
    or `inconnu`: theirs for which we have no word. `statut_source`: kept where the CRM has a column for it.
    """

    reference: str
    client: str | None
    apporteur: str | None = "leblanc"
    statut: str = "valide"
    statut_source: str | None = None
    montant: str | None = "29.90"
    signe_le: datetime | None = datetime(2024, 1, 31, 23, 30, tzinfo=UTC)
    importe: bool = False
    supprime: bool = False
    modifie_le: datetime = TOUCHE


class Remplissage(NamedTuple):
    """Rows for COPY: a table of a service, its columns, and per row the values in that order."""

    service: Service
    table: tuple[str, str]
    colonnes: tuple[str, ...]
    valeurs: list[tuple[Any, ...]]


class Compte(NamedTuple):
    """Bank details that the CRM already holds; a CRM that has no table for them does without."""

    client: str
    iban: str
    bic: str | None


@dataclass
class Lignes:
    """Rows of one CRM, in the order in which they are made (which gives integer ids)."""

    utilisateurs: list[Utilisateur] = field(default_factory=list)
    apporteurs: list[Apporteur] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    contrats: list[Contrat] = field(default_factory=list)
    comptes: list[Compte] = field(default_factory=list)

    def cles(self) -> Iterator[tuple[str, str, int]]:
        """Give entity, key and position (from 1) of every row that others may name."""
        for entite, lignes in (
            ("utilisateur", self.utilisateurs),
            ("apporteur", self.apporteurs),
            ("client", self.clients),
        ):
            for rang, ligne in enumerate(lignes, start=1):
                yield entite, ligne.cle, rang
        for rang, contrat in enumerate(self.contrats, start=1):
            yield "contrat", contrat.reference, rang

    def ajouter(self, autres: "Lignes") -> None:
        """Take the rows of `autres` too."""
        self.utilisateurs += autres.utilisateurs
        self.apporteurs += autres.apporteurs
        self.clients += autres.clients
        self.contrats += autres.contrats
        self.comptes += autres.comptes


Prospect = dict[str, Any]


@dataclass(frozen=True)
class Attendu:
    """Where a first sync must put a prospect: the rule of `domain.identity.REGLES_CLIENT`, and the client's key.

    `client` None: a new one. `regle` None: two rules may answer, and the outcome is the same.
    """

    regle: str | None
    client: str | None = None


@dataclass(frozen=True)
class Cas:
    """One hand-made case: what the CRM holds, what the source sends, and where each prospect must end (by its id).

    `doublons`: the pairs that a first sync reports, clients by key and prospects by id; left open where a soft-deleted
    row has a part. `inchange`: none of its rows is written by a first sync.
    """

    cle: str
    histoire: str
    clients: tuple[Client, ...] = ()
    contrats: tuple[Contrat, ...] = ()
    comptes: tuple[Compte, ...] = ()
    prospects: tuple[Prospect, ...] = ()
    attendus: Mapping[int, Attendu] = field(default_factory=dict)
    doublons: tuple[frozenset[str | int], ...] = ()
    inchange: bool = False

    @property
    def supprime(self) -> bool:
        """Whether a soft-deleted row has a part in it: a CRM without soft delete cannot tell this story."""
        return any(ligne.supprime for ligne in (*self.clients, *self.contrats))
