"""The KPI as one viewer may see it: the tables as they are, or, for a period or some statuses, counted from the contracts.

Grain: one dict per apporteur (or apporteur, month and status) that the viewer sees; the total is the sum of the rows. Who a
row is of stands in the KPI table, who may see it in the live tables (`visibilite`).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from crm_sync.crm import contrats_vus
from crm_sync.crm.connexion import Bases
from crm_sync.crm.contrats_vus import Filtre, Lecture, Ligne
from crm_sync.crm.kpi import service_kpi
from crm_sync.crm.lecture import composer, lire
from crm_sync.crm.visibilite import Spectateur

NOMBRES = (
    *(
        "nb_contrats",
        "nb_en_attente",
        "nb_signes",
        "nb_valides",
        "nb_annules",
        "nb_resilies",
        "nb_autres",
        "nb_clients",
    ),
    "nb_vendus",
)
MONTANTS = ("montant_total", "montant_valide", "montant_vendu")
COMPTES = (*NOMBRES, *MONTANTS)
RIEN: Ligne = {
    **dict.fromkeys(NOMBRES, 0),
    **dict.fromkeys(MONTANTS, Decimal("0.00")),
    "dernier_contrat_le": None,
}
TRI: dict[Lecture, str] = {"portefeuille": "-nb_contrats", "vendu": "-nb_vendus"}


def calcule_le(bases: Bases) -> str | None:
    """Give when the KPI was last counted; None before the first time."""
    le: str | None = lire(bases, service_kpi(bases), "kpi_vu.calcule_le")[0]["le"]
    return le


def par_commercial(bases: Bases, qui: Spectateur, filtre: Filtre, tri: str) -> list[Ligne]:
    """Read the rows that the viewer sees, sorted by a column (`-` before it: the greatest first; nothing comes last).

    Of a filter `part` and `rang` are those among all sales reps, as in the table.
    """
    reserve = contrats_vus.non_attribue(bases)
    lignes = [
        ligne | {"non_attribue": ligne["commercial_id"] == reserve}
        for ligne in lire(bases, service_kpi(bases), "kpi_vu.lignes")
    ]
    if not filtre.vide:
        lignes = _recompter(lignes, _compter(bases, "compter", filtre))
    return trier([ligne for ligne in lignes if qui.voit_apporteur(ligne["commercial_id"])], tri)


def total(lignes: Sequence[Ligne]) -> Ligne:
    """Add rows up."""
    return {compte: sum((ligne[compte] for ligne in lignes), RIEN[compte]) for compte in COMPTES}


def sans_commercial(bases: Bases, qui: Spectateur, filtre: Filtre) -> int:
    """Count the contracts that are in no row because nobody holds them: none once there is a reserved apporteur.

    Only who sees everything is told.
    """
    if not qui.voit_tout or contrats_vus.non_attribue(bases) is not None:
        return 0
    return int(_compter(bases, "sans_commercial", filtre)[0]["nombre"])


def par_mois(bases: Bases, qui: Spectateur, filtre: Filtre, lecture: Lecture, commercial_id: str | None) -> list[Ligne]:
    """Read the rows by month that the viewer sees; of a filter or of *vendu*, counted from the contracts, to the day."""
    if filtre.vide and lecture == "portefeuille":
        lignes = lire(bases, service_kpi(bases), "kpi_vu.mois")
    else:
        lignes = _compter(bases, "compter_mois", filtre, lecture=lecture)
    return [
        ligne
        for ligne in lignes
        if qui.voit_apporteur(ligne["commercial_id"]) and commercial_id in {None, ligne["commercial_id"]}
    ]


def trier(lignes: Sequence[Ligne], tri: str) -> list[Ligne]:
    """Sort by a column; equals stay in the order of the table."""
    colonne, descend = tri.removeprefix("-"), tri.startswith("-")
    pleines = [ligne for ligne in lignes if ligne[colonne] is not None]
    vides = [ligne for ligne in lignes if ligne[colonne] is None]
    return sorted(pleines, key=lambda ligne: ligne[colonne], reverse=descend) + vides


def _compter(bases: Bases, nom: str, filtre: Filtre, **autres: Any) -> list[Ligne]:
    composee = composer(bases.crm, f"kpi_vu.{nom}", lus=contrats_vus.lus(bases))
    parametres = contrats_vus.parametres_lus(bases) | filtre.parametres | autres
    with bases.transaction("commercial") as connexion, connexion.cursor(row_factory=dict_row) as curseur:
        return curseur.execute(composee, parametres).fetchall()


def _recompter(lignes: Sequence[Ligne], comptees: Sequence[Ligne]) -> list[Ligne]:
    """Give the rows of the table with other figures in them; shares and ranks follow."""
    par_id: dict[Any, Ligne] = {ligne["commercial_id"]: ligne for ligne in comptees}
    nouvelles = [ligne | RIEN | par_id.get(ligne["commercial_id"], {}) for ligne in lignes]
    ensemble = sum(ligne["nb_contrats"] for ligne in nouvelles)
    rangs = {
        nombre: rang
        for rang, nombre in enumerate(sorted({ligne["nb_contrats"] for ligne in nouvelles}, reverse=True), 1)
    }
    return [
        ligne
        | {
            "part": round(Decimal(ligne["nb_contrats"]) / ensemble, 6) if ensemble else Decimal(0),
            "rang": rangs[ligne["nb_contrats"]],
        }
        for ligne in nouvelles
    ]
