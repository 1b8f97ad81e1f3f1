"""Which column of a recognised table holds which field of ours: by name, type, keys, and what the values look like.

`sur` means: a name that says only this, a type that can hold it, no second column as good, and no value that speaks
against it. Two columns as good as each other are a hole; so is a field that a sync cannot do without.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from crm_sync.crm.genres import ENTIERS, HORODATAGES, ID, TEXTES, convient, genre
from crm_sync.crm.inventaire import Colonne, Nom, Table
from crm_sync.crm.proposition.mesures import Mesure
from crm_sync.crm.proposition.tables import ESSENTIELS
from crm_sync.domain.noms_crm import CONNU, FAIBLE, PARTIEL, note_de_colonne, note_partout, vocabulaire

MINIMUM = 5
"""Values that must have been looked at for what they look like to count."""
ASSEZ = 0.8
"""Share of values that must look like a field's for them to speak for it; below `PEU` they speak against it."""
PEU = 0.2
UNIQUES = ("reference", "email", "iban", "utilisateur_id")
LIENS = {
    "manager_id": "utilisateur",
    "utilisateur_id": "utilisateur",
    "client_id": "client_base",
    "commercial_id": "apporteur",
}
"""The entity that a field leads to."""


@dataclass(frozen=True, slots=True)
class Choix:
    """What a field is mapped to. Without `colonne` a hole, with its candidates; `possible`: only to be shown."""

    champ: str
    colonne: Colonne | None
    sur: bool
    raisons: tuple[str, ...]
    candidates: tuple[str, ...] = ()
    possible: bool = False

    @property
    def trou(self) -> bool:
        """Whether a person must fill it in before the file can be used."""
        return self.colonne is None


@dataclass(frozen=True, slots=True)
class _Candidate:
    champ: str
    colonne: Colonne
    note: int
    points: int
    raisons: tuple[str, ...]
    contredite: bool


def choisir(entite: str, table: Table, mesures: Mapping[str, Mesure], cibles: Mapping[str, Nom]) -> dict[str, Choix]:
    """Choose a column per field; `cibles` are the tables that were recognised in this database, by entity.

    Fields that nothing looks like are not in the result, save the essential ones, which are holes.
    """
    choisis = {"id": _id(table)}
    prises = {c.nom for c in (choisis["id"].colonne,) if c}
    candidates = [c for c in _candidates(entite, table, mesures, cibles) if c.colonne.nom not in prises]
    candidates.sort(key=lambda c: (-c.points, c.champ, c.colonne.nom))
    for _, egales in groupby(candidates, key=lambda c: c.points):
        libres = [c for c in egales if c.champ not in choisis and c.colonne.nom not in prises]
        for champ, siennes in groupby(sorted(libres, key=lambda c: c.champ), key=lambda c: c.champ):
            choix = _trancher(entite, champ, [c for c in siennes if c.colonne.nom not in prises])
            if choix is not None:
                choisis[champ] = _avec_la_suivante(choix, candidates, prises)
                prises |= {choix.colonne.nom} if choix.colonne else set()
    ordre = vocabulaire().entites[entite].champs
    manquants = {champ: _manquant(champ, table, prises) for champ in ESSENTIELS[entite] if champ not in choisis}
    tous = {**choisis, **manquants}
    return {champ: tous[champ] for champ in ordre if champ in tous}


def suppression_douce(table: Table) -> Choix | None:
    """Find the column that marks a row as deleted."""
    partout = vocabulaire().partout
    dates = [c for c in table.colonnes.values() if c.type_de_base in HORODATAGES | {"date"} and not c.obligatoire]
    for colonne in dates:
        if note_partout(partout["deleted_at"], colonne.nom):
            return Choix("deleted_at", colonne, sur=True, raisons=("nom connu", colonne.type))
    faibles = tuple(c.nom for c in dates if note_partout(partout["deleted_at_faibles"], c.nom))
    if not faibles:
        return None
    raison = "une fiche qui a une valeur là est-elle supprimée ? Sinon, retirer cette ligne"
    return Choix("deleted_at", None, sur=False, raisons=(raison,), candidates=faibles)


def compteurs(table: Table) -> list[Colonne]:
    """Find the counters of optimistic locking."""
    connus = vocabulaire().partout["version"]
    return [c for c in table.colonnes.values() if c.type_de_base in ENTIERS and note_partout(connus, c.nom)]


def _id(table: Table) -> Choix:
    for index in table.index:
        if index.primaire and len(index.cles) == 1:
            colonne = table.colonnes[index.cles[0]]
            return Choix("id", colonne, sur=True, raisons=("clé primaire", colonne.type))
    if (nommee := table.colonnes.get("id")) is not None:
        return Choix("id", nommee, sur=False, raisons=("nom connu, mais pas de clé primaire", nommee.type))
    return Choix("id", None, sur=False, raisons=("pas de clé primaire d'une seule colonne",))


def _candidates(
    entite: str, table: Table, mesures: Mapping[str, Mesure], cibles: Mapping[str, Nom]
) -> Iterator[_Candidate]:
    noms = vocabulaire().entites[entite]
    for champ in noms.champs:
        for colonne in table.colonnes.values():
            if champ == "id" or not convient(champ, colonne) or colonne.generee:
                continue
            note = note_de_colonne(noms, champ, table.nom, colonne.nom)
            if (candidate := _peser(champ, colonne, note, table, mesures.get(colonne.nom), cibles)) is not None:
                yield candidate


def _peser(
    champ: str, colonne: Colonne, note: int, table: Table, mesure: Mesure | None, cibles: Mapping[str, Nom]
) -> _Candidate | None:
    """Weigh a column for a field; None where nothing speaks for it."""
    points, contredite = 10 * note, False
    raisons = [{CONNU: "nom connu", FAIBLE: "nom possible", PARTIEL: "fin du nom"}.get(note, "")]
    if mesure is not None and champ in mesure.semblables and mesure.valeurs >= MINIMUM:
        part = mesure.part(champ)
        contredite = part < PEU
        points += 8 if part >= ASSEZ else -8 if contredite else 0
        if note or part >= ASSEZ:
            raisons.append(f"{part:.0%} des {mesure.valeurs} valeurs lues en ont la forme".replace("%", " %"))
    if genre(champ) == ID and (cle := _mene_a(table, colonne)):
        attendue = cibles.get(LIENS[champ])
        contredite = attendue is not None and cle != attendue
        points += -8 if contredite else 8 if attendue else 0
        if note or cle == attendue:
            raisons.append(f"clé étrangère vers {'.'.join(cle)}")
    if points <= 0 or not (note or points >= 8):  # noqa: PLR2004  what values or keys alone give
        return None
    if champ in UNIQUES and _unique_seule(table, colonne):
        points += 2
        raisons.append("unique")
    raisons.append(colonne.type)
    return _Candidate(champ, colonne, note, points, tuple(filter(None, raisons)), contredite)


def _mene_a(table: Table, colonne: Colonne) -> Nom | None:
    return next((cle.vers for cle in table.cles_etrangeres if cle.colonnes == (colonne.nom,)), None)


def _unique_seule(table: Table, colonne: Colonne) -> bool:
    return any(i.unique and len(i.cles) == 1 and i.porte_sur(colonne.nom) for i in table.index)


def _trancher(entite: str, champ: str, egales: list[_Candidate]) -> Choix | None:
    """Choose among columns that are equally good for one field: one, a hole, or one that is only shown."""
    if not egales:
        return None
    premiere = egales[0]
    if len(egales) > 1:
        noms = tuple(c.colonne.nom for c in egales)
        faible = premiere.note < FAIBLE and champ not in ESSENTIELS[entite]
        raison = "plusieurs colonnes vont aussi bien"
        return Choix(champ, None, sur=False, raisons=(raison,), candidates=noms, possible=faible)
    appuyee = premiere.points >= 10 * premiere.note + 2
    if premiere.note == PARTIEL and not appuyee:
        raison = f"seule la fin du nom le dit ({premiere.colonne.type})"
        possible = champ not in ESSENTIELS[entite]
        return Choix(champ, None, sur=False, raisons=(raison,), candidates=(premiere.colonne.nom,), possible=possible)
    sur = not premiere.contredite and (premiere.note == CONNU or (premiere.note == FAIBLE and appuyee))
    return Choix(champ, premiere.colonne, sur, premiere.raisons)


def _avec_la_suivante(choix: Choix, candidates: Collection[_Candidate], prises: Collection[str]) -> Choix:
    """Lower a choice to probable, and say so, where a second column has as good a name."""
    if choix.colonne is None:
        return choix
    autres = [
        c.colonne.nom
        for c in candidates
        if c.champ == choix.champ and c.note == CONNU and c.colonne.nom not in {*prises, choix.colonne.nom}
    ]
    if not autres:
        return choix
    return replace(choix, sur=False, raisons=(*choix.raisons, f"mais {', '.join(autres)} en a aussi le nom"))


def _manquant(champ: str, table: Table, prises: Collection[str]) -> Choix:
    """Leave an essential field open, with the columns that could hold it."""
    libres = tuple(c.nom for c in table.colonnes.values() if c.nom not in prises and convient(champ, c))
    return Choix(champ, None, sur=False, raisons=("aucune colonne n'en porte le nom",), candidates=libres)


def genre_d_id(colonne: Colonne, mesure: Mesure | None) -> tuple[str | None, str]:
    """Tell the kind of id that a column holds, `uuid` or `int`, and why; None where it is neither for sure."""
    if colonne.type_de_base == "uuid" or colonne.type_de_base in ENTIERS:
        return "uuid" if colonne.type_de_base == "uuid" else "int", colonne.type
    if colonne.type_de_base in TEXTES and mesure is not None and mesure.valeurs and mesure.part("uuid") == 1:
        return "uuid", f"{colonne.type}, et les {mesure.valeurs} valeurs lues sont des uuid"
    return None, f"{colonne.type} : ni uuid ni entier ; « uuid » si l'application y range des uuid en texte"
