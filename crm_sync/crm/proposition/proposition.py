"""The whole proposal: every entity with its table, columns, words, constants, and what the CRM lacks.

Deterministic: the same catalogue and sample give the same text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.crm.genres import FERMES
from crm_sync.crm.inventaire import Colonne, Inventaire, Nom, Table, lire
from crm_sync.crm.proposition import champs as colonnes
from crm_sync.crm.proposition.champs import Choix
from crm_sync.crm.proposition.mesures import mesurer, orthographes
from crm_sync.crm.proposition.mots import Mots, apparier, des_orthographes
from crm_sync.crm.proposition.tables import SERVICE, TableTrouvee, reconnaitre
from crm_sync.domain.noms_crm import note_partout, vocabulaire

SANS_ZONE = "timestamp without time zone"


@dataclass(frozen=True, slots=True)
class Constante:
    """A column of theirs that a new row must have: `valeur` known to be right, or None: a hole."""

    colonne: Colonne
    valeur: int | None
    raison: str


@dataclass(frozen=True, slots=True)
class EntiteProposee:
    """One entity's part of the file. Where no table was found, the rest is empty."""

    entite: str
    trouvee: TableTrouvee
    lieu: str
    id: tuple[str | None, str] = (None, "")
    champs: Mapping[str, Choix] = field(default_factory=dict)
    mots: Mapping[str, Mots] = field(default_factory=dict)
    constantes: tuple[Constante, ...] = ()
    deleted_at: Choix | None = None
    compteurs: tuple[Colonne, ...] = ()
    sans_zone: tuple[str, ...] = ()

    @property
    def trous(self) -> list[str]:
        """Name what a person must fill in, as `entity.key`."""
        if self.trouvee.table is None:
            return [f"{self.entite}.table"]
        manques = [*(["id"] if self.id[0] is None else [])]
        manques += ["deleted_at"] if self.deleted_at and self.deleted_at.trou else []
        manques += [f"columns.{champ}" for champ, choix in self.champs.items() if choix.trou and not choix.possible]
        manques += [
            f"values.{champ}.{mot.notre}" for champ, m in self.mots.items() for mot in m.mots if mot.leur is None
        ]
        manques += [f"insert.{c.colonne.nom}" for c in self.constantes if c.valeur is None]
        return [f"{self.entite}.{manque}" for manque in manques]


@dataclass(frozen=True, slots=True)
class Proposition:
    """The proposal for one CRM, in the order of the file."""

    entites: tuple[EntiteProposee, ...]
    client: Colonne | None
    """The id column of the clients, if they were found: what a bank table of ours would lead to."""

    @property
    def trous(self) -> list[str]:
        """Name every hole."""
        return [trou for entite in self.entites for trou in entite.trous]


def proposer(bases: Bases, imposees: Mapping[str, str] | None = None) -> Proposition:
    """Read the catalogues and propose a mapping; `imposees`: entity → `schema.table`, decided by a person. Reads only.

    Raises:
        ConfigurationError, DatabaseUnavailableError: a database cannot be reached.
    """
    inventaires = _inventaires(bases)
    trouvees = reconnaitre(inventaires, imposees or {})
    entites = tuple(_entite(bases, inventaires, trouvees, trouvee) for trouvee in trouvees.values())
    client = next(e for e in entites if e.entite == "client_base")
    return Proposition(entites, client.champs["id"].colonne if "id" in client.champs else None)


def _inventaires(bases: Bases) -> dict[Service, Inventaire]:
    lus: dict[str, Inventaire] = {}
    for service in SERVICES:
        if service != "sync" and bases.urls[service] not in lus:
            lus[bases.urls[service]] = lire(bases, service)
    return {service: lus[bases.urls[service]] for service in SERVICES if service != "sync"}


def _entite(
    bases: Bases, inventaires: Mapping[Service, Inventaire], trouvees: Mapping[str, TableTrouvee], trouvee: TableTrouvee
) -> EntiteProposee:
    service = SERVICE[trouvee.entite]
    table, lieu = trouvee.table, inventaires[service].base
    if table is None:
        return EntiteProposee(trouvee.entite, trouvee, lieu)
    mesures = mesurer(bases, service, table)
    cibles: dict[str, Nom] = {
        autre.entite: (autre.table.schema, autre.table.nom)
        for autre in trouvees.values()
        if autre.table is not None and inventaires[SERVICE[autre.entite]] is inventaires[service]
    }
    choisis = colonnes.choisir(trouvee.entite, table, mesures, cibles)
    deleted_at, compteurs = colonnes.suppression_douce(table), tuple(colonnes.compteurs(table))
    ident = choisis["id"].colonne
    return EntiteProposee(
        trouvee.entite,
        trouvee,
        lieu,
        colonnes.genre_d_id(ident, mesures.get(ident.nom)) if ident else (None, choisis["id"].raisons[0]),
        choisis,
        _mots(bases, service, table, choisis),
        _constantes(table, choisis, deleted_at, compteurs),
        deleted_at,
        compteurs,
        _sans_zone(choisis, deleted_at),
    )


def _mots(bases: Bases, service: Service, table: Table, choisis: Mapping[str, Choix]) -> dict[str, Mots]:
    trouves: dict[str, Mots] = {}
    for champ in FERMES:
        colonne = choisis[champ].colonne if champ in choisis else None
        if colonne is None:
            continue
        leurs = table.mots_acceptes(colonne)
        if leurs:
            trouves[champ] = apparier(champ, leurs)
        elif champ == "statut" and "SELECT" in colonne.droits:
            trouves[champ] = des_orthographes(*orthographes(bases, service, table, colonne))
    return {champ: mots for champ, mots in trouves.items() if any(mot.leur != mot.notre for mot in mots.mots)}


def _constantes(
    table: Table, choisis: Mapping[str, Choix], deleted_at: Choix | None, compteurs: tuple[Colonne, ...]
) -> tuple[Constante, ...]:
    """Name the columns that a new row must have and that nothing fills."""
    connues = {choix.colonne.nom for choix in choisis.values() if choix.colonne}
    # A hole names its candidates: one of them will be mapped, and needs no constant.
    connues |= {
        nom for choix in choisis.values() if choix.trou for nom in choix.candidates if len(choix.candidates) > 1
    }
    connues |= {deleted_at.colonne.nom} if deleted_at and deleted_at.colonne else set()
    voulues = []
    for colonne in table.colonnes.values():
        if colonne.nom in connues or colonne.se_remplit_seule:
            continue
        if colonne in compteurs:
            voulues.append(
                Constante(colonne, 1, f"obligatoire et sans défaut ({colonne.type}) ; un compteur commence à 1")
            )
            continue
        voulues.append(Constante(colonne, None, _raison(table, colonne)))
    return tuple(voulues)


def _raison(table: Table, colonne: Colonne) -> str:
    raison = f"obligatoire et sans défaut ({colonne.type})"
    if note_partout(vocabulaire().partout["mot_de_passe"], colonne.nom):
        return f"{raison} ; un texte qui n'est l'empreinte d'aucun mot de passe, par exemple \"!\""
    if vers := next((cle.vers for cle in table.cles_etrangeres if colonne.nom in cle.colonnes), None):
        raison += f" ; clé étrangère vers {'.'.join(vers)} : la valeur doit y être"
    if leurs := table.mots_acceptes(colonne):
        raison += f" ; un de : {', '.join(leurs)}"
    return raison


def _sans_zone(choisis: Mapping[str, Choix], deleted_at: Choix | None) -> tuple[str, ...]:
    tous = [*choisis.values(), *([deleted_at] if deleted_at else [])]
    return tuple(c.colonne.nom for c in tous if c.colonne and c.colonne.type_de_base == SANS_ZONE)
