"""The parts of the README that code knows better: settings and commands. `python -m crm_sync_tests.documentation` writes them."""

import re
from pathlib import Path
from typing import Any

import typer

from crm_sync.cli import app
from crm_sync.settings import REPO, Settings

README = REPO / "README.md"


def reglages() -> str:
    """Give one row per environment variable, in the order of the class."""
    lignes = ["| variable | sens | défaut |", "|---|---|---|"]
    for nom, champ in Settings.model_fields.items():
        defaut = champ.default
        if isinstance(defaut, Path):
            defaut = f"{defaut.name}/ dans le dépôt"
        lignes.append(f"| `{nom.upper()}` | {champ.description} | {'aucun' if defaut is None else defaut} |")
    return "\n".join(lignes)


def commandes() -> str:
    """Give one row per command: how it is called, and its help with the example."""
    lignes = ["| command | |", "|---|---|"]
    for nom, commande in sorted(_feuilles(typer.main.get_command(app), "crm-sync")):
        lignes.append(f"| `{nom}` | {' '.join((commande.help or '').split())} |")
    return "\n".join(lignes)


def _feuilles(groupe: Any, chemin: str) -> list[tuple[str, Any]]:
    trouvees: list[tuple[str, Any]] = []
    for nom, commande in groupe.commands.items():
        if commande.hidden:
            continue
        complet = f"{chemin} {nom}"
        if hasattr(commande, "commands"):
            trouvees += _feuilles(commande, complet)
            if not commande.invoke_without_command:
                continue
        arguments = [p.metavar or p.name.upper() for p in commande.params if p.param_type_name == "argument"]
        trouvees.append((" ".join([complet, *arguments]), commande))
    return trouvees


def avec(texte: str) -> str:
    """Give the README with its generated parts as they must be."""
    for marque, contenu in (("settings", reglages()), ("commands", commandes())):
        texte = re.sub(
            rf"(<!-- {marque} -->\n).*?(<!-- /{marque} -->)",
            lambda trouve, contenu=contenu: f"{trouve[1]}{contenu}\n{trouve[2]}",
            texte,
            flags=re.DOTALL,
        )
    return texte


if __name__ == "__main__":
    README.write_text(avec(README.read_text(encoding="utf-8")), encoding="utf-8")
