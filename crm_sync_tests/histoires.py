"""What a story of `data/gens_difficiles.md` may say, and the reading of the page.

One structure per TOML table, names as on the page. An unknown key, a story without its parts or a page that has lost
stories is an error, never a story less.
"""

import re
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

HISTOIRES_AU_MOINS = 40

_HISTOIRE = re.compile(
    r"## (?P<numero>\d+)\. (?P<titre>[^\n]+)\n\n(?P<recit>[^\n`][^`]*?)\n\n"
    r"```toml\n(?P<toml>[^`]*)```\n\n\*\*Pourquoi\u00a0:\*\* (?P<pourquoi>[^\n]+)\n*"
)


class PageIllisibleError(ValueError):
    """The page says something that the runner cannot play."""


class Table(msgspec.Struct, forbid_unknown_fields=True):
    """A table of the page; a key that it does not know is an error."""


class Contrat(Table):
    """A contract of the source: validated and signed unless said; `statut = ""` is no status."""

    ref: str
    statut: str = "Validé"
    montant: str | float = "29.9"
    signature: str = ""
    maj: str | None = None


class Commercial(Table):
    """A sales rep of the source; named alone (`"Martin"`), the one of `gens.commercial`."""

    id: str
    nom: str
    prenom: str = "Camille"
    email: str | None = None
    tel: str | None = None


class Iban(Table):
    """Bank details with the source's own id."""

    id: int
    iban: str


class Fiche(Table):
    """A prospect of the answer: what it does not state is null, save one contract of its own, `C<id>`.

    `repete` sends that many, with ids that follow each other; `{n}` in a text is then the id.
    """

    id: int
    nom: str | None = None
    prenom: str | None = None
    email: str | None = None
    tel: str | None = None
    naissance: str | None = None
    maj: str | None = None
    contrats: list[str | Contrat] = []
    commercial: str | Commercial | None = None
    iban: str | list[str | Iban] = []
    repete: int = 1


TableCrm = Literal["client", "contrat", "utilisateur", "apporteur", "iban"]


class LigneCrm(Table):
    """A row that the CRM has; `alias` is how the story calls it, `client = "personne"` leads nowhere."""

    table: TableCrm
    alias: str | None = None
    nom: str | None = None
    prenom: str | None = None
    email: str | None = None
    tel: str | None = None
    reference: str | None = None
    statut: str | None = None
    montant: float | None = None
    client: str | None = None
    commercial: str | None = None
    utilisateur: str | None = None
    role: str | None = None
    actif: bool | None = None
    iban: str | None = None
    cree: str = "2024-01-01"
    maj: str = "2024-01-01"


class Decision(Table):
    """A person's verdict on two records, each `prospect:<id>` or `client:<alias>`."""

    verdict: Literal["meme", "different"]
    a: str
    b: str


class Etape(Table):
    """One thing that happens: an answer, rows added in the CRM, an edit there, a decision, or hours that go by.

    An edit is of one `client` (alias, or `prospect:<id>`: the one that this prospect is linked to) or one `contrat`
    (reference); `vers` moves a contract to another client. `le` is the `updated_at` that the edit leaves.
    """

    envoi: list[Fiche] | None = None
    ajoute: list[LigneCrm] | None = None
    crm: Literal["modifie", "supprime"] | None = None
    decision: Decision | None = None
    heures: int | None = None
    client: str | None = None
    contrat: str | None = None
    nom: str | None = None
    prenom: str | None = None
    email: str | None = None
    tel: str | None = None
    montant: float | None = None
    statut: str | None = None
    vers: str | None = None
    le: str | None = None

    def __post_init__(self) -> None:
        """Refuse a step that is not exactly one thing."""
        choses = [self.envoi, self.ajoute, self.crm, self.decision, self.heures]
        reste = [self.client, self.contrat, self.nom, self.prenom, self.email, self.tel, self.montant, self.statut]
        if sum(chose is not None for chose in choses) != 1:
            raise ValueError("une étape est un envoi, un ajout, une retouche (crm), une décision ou des heures")
        if self.crm is None and any(valeur is not None for valeur in (*reste, self.vers, self.le)):
            raise ValueError("ces clés ne vont qu'avec « crm »")
        if self.crm is not None and (self.client is None) == (self.contrat is None):
            raise ValueError("une retouche est celle d'un client ou d'un contrat")


class ClientAttendu(Table):
    """A client of the CRM at the end; columns that no line of the story names are not looked at."""

    qui: str
    prospects: list[int] = []
    email: str | UnsetType = UNSET
    tel: str | UnsetType = UNSET
    contrats: list[str] | UnsetType = UNSET
    ibans: list[str] | UnsetType = UNSET
    repete: int = 1


class ContratAttendu(Table):
    """A contract of the CRM at the end."""

    ref: str
    client: str | UnsetType = UNSET
    commercial: str | UnsetType = UNSET
    vendu_par: str | UnsetType = UNSET
    statut: str | UnsetType = UNSET
    statut_source: str | UnsetType = UNSET
    montant: str | UnsetType = UNSET


class CommercialAttendu(Table):
    """An apporteur of the CRM with its user; the reserved *Non attribué* is not listed."""

    qui: str
    email: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    actif: bool | UnsetType = UNSET


class Attendu(Table):
    """What must be at the end: each list complete, nothing put aside unless said."""

    clients: list[ClientAttendu]
    contrats: list[ContratAttendu] | None = None
    commerciaux: list[CommercialAttendu] | None = None
    mis_de_cote: list[tuple[str, str]] = []
    doublons: int | None = None
    conflits: int | None = None
    disparus: list[int] | None = None
    revenus: list[int] | None = None
    inchange: bool | None = None


class Histoire(Table, kw_only=True):
    """One story: what the CRM had, what happened in order, what must be."""

    numero: int = 0
    titre: str = ""
    crm: list[LigneCrm] = []
    etape: list[Etape]
    attendu: Attendu


def lire_page(texte: str) -> list[Histoire]:
    """Read every story of the page, in its order.

    Raises:
        PageIllisibleError: a story that is not title, sentences, one TOML block and its reason; a key or a value that is
            not declared here; numbers that do not follow each other; two stories of one title; fewer than forty.
    """
    histoires = [_lire_histoire(f"## {partie}") for partie in re.split(r"^## ", texte, flags=re.MULTILINE)[1:]]
    if [h.numero for h in histoires] != list(range(1, len(histoires) + 1)):
        raise PageIllisibleError("Les numéros des histoires ne se suivent pas.")
    if len({h.titre for h in histoires}) != len(histoires):
        raise PageIllisibleError("Deux histoires ont le même titre.")
    if len(histoires) < HISTOIRES_AU_MOINS:
        raise PageIllisibleError(f"La page n'a que {len(histoires)} histoires.")
    return histoires


def _lire_histoire(partie: str) -> Histoire:
    # A heading of the next part of the page (`# …`) and its lead stand behind the last story of the part before.
    trouve = _HISTOIRE.fullmatch(re.split(r"^# ", partie, maxsplit=1, flags=re.MULTILINE)[0])
    if trouve is None:
        raise PageIllisibleError(f"Histoire incomplète : {partie.splitlines()[0]}")
    try:
        histoire = msgspec.toml.decode(trouve["toml"], type=Histoire)
    except (msgspec.DecodeError, ValueError) as error:
        raise PageIllisibleError(f"{partie.splitlines()[0]} : {error}") from error
    if not any(etape.envoi for etape in histoire.etape):
        raise PageIllisibleError(f"{partie.splitlines()[0]} : rien n'arrive de la source.")
    return msgspec.structs.replace(histoire, numero=int(trouve["numero"]), titre=trouve["titre"])
