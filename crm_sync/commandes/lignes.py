"""How rows and fields are shown: values for a person, and what was or would be written, row by row."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crm_sync.domain import phrases
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    from rich.table import Table

RIEN = "—"
MONTREES = 20
"""Rows of each kind shown on a terminal; `--json` gives them all."""
MARGES = 14
CHAMP_LARGEUR = 15
GENRES = {champ.nom: champ.genre for champs in CHAMPS.values() for champ in champs}


def valeur(champ: Mapping[str, Any], cle: str) -> str:
    """Write one value of a shown change (`avant`, `apres`, …) for a person: sales reps by name, instants in Paris."""
    from crm_sync import affichage

    brute = champ.get(f"{cle}_nom") or champ.get(cle)
    if brute is None:
        return RIEN
    genre = GENRES.get(champ["champ"])
    if genre == "instant":
        return affichage.instant(str(brute))
    if genre == "montant":
        return affichage.nombre(Decimal(brute))
    return str(brute)


def montrer(entrees: Sequence[Mapping[str, Any]]) -> None:
    """Show journal entries by run, newest first; a row that was made is one line."""
    from crm_sync import affichage

    for run, siennes in groupby(entrees, lambda entree: entree.get("synchronisation_id")):
        premiere, *suite = siennes
        if run:
            genre = phrases.GENRES.get(premiere["genre"], "")
            affichage.console.print(f"\n{affichage.heure(premiere['applique_le'])}  {genre} {run}".rstrip())
        for entree in (premiere, *suite):
            montrer_entree(entree)


def montrer_entree(entree: Mapping[str, Any]) -> None:
    """Show one row: its number and name, then one line per field; of a row made or taken away how many values it had."""
    from crm_sync import affichage

    numero = f"{entree['journal_id']:>6}  " if "journal_id" in entree else "  "
    titre = f"{numero}{entree['cible']} : {phrases.ACTIONS.get(entree['action'], entree['action'])}"
    if entree["action"] in {"creation", "suppression"}:
        remplies = sum(
            champ["apres" if entree["action"] == "creation" else "avant"] is not None for champ in entree["champs"]
        )
        affichage.console.print(f"{titre} ({affichage.compte(remplies, 'valeur')})")
        return
    affichage.console.print(titre)
    affichage.console.print(_champs(entree["champs"], len(numero) + 2))


def _champs(champs: Iterable[Mapping[str, Any]], marge: int) -> "Table":
    """Lay out the changes of a row in columns that are the same for every row: field, before → after, why."""
    from rich.table import Table

    from crm_sync import affichage

    grille = Table.grid(padding=(0, 2, 0, 0))
    reste = affichage.console.width - marge - CHAMP_LARGEUR - MARGES
    grille.add_column(width=marge - 2)
    grille.add_column(width=CHAMP_LARGEUR, overflow="fold")
    for part in (0.27, 0.27, 0.46):
        grille.add_column(width=max(10, int(reste * part)), overflow="fold")
    for champ in champs:
        pourquoi = phrases.champ(champ.get("regle"), champ.get("gagnant"))
        if champ.get("perdant") is not None:
            pourquoi += f" ; perdu : {valeur(champ, 'perdant')}"
        avant, apres = valeur(champ, "avant"), valeur(champ, "apres")
        if avant == apres and champ.get("gagnant") != "crm":
            apres = f"{apres} (autre)"  # masked, they look alike
        grille.add_row("", champ["champ"], avant, f"→ {apres}", pourquoi)
    return grille


def autres(combien: int) -> None:
    """Say that more rows exist than are shown."""
    from crm_sync import affichage

    if combien > MONTREES:
        affichage.console.print(f"  … et {affichage.nombre(combien - MONTREES)} de plus (--json les donne tous).")
