"""`crm-sync removals`: what the source no longer sends, and a person's approval of it."""

import getpass
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_sync.commandes.ouverture import EnJson, bases

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer()

ENTITES = {"client": "prospects", "contrat": "contrats", "information_paiement": "coordonnées bancaires"}
EXEMPLES = 5
"""Source ids shown per line; `--json` has them all."""


@app.callback(invoke_without_command=True)
def removals(contexte: typer.Context, en_json: EnJson = False) -> None:
    """Ce que la source n'envoie plus : retenu, compté ou marqué disparu. Exemple : crm-sync removals"""
    if contexte.invoked_subcommand is not None:
        return
    from crm_sync import affichage
    from crm_sync.crm import disparition

    with bases() as ouvertes:
        etat = disparition.etat(ouvertes)
    if en_json:
        affichage.en_json(etat | {"message": " ".join(_que_faire(etat))})
    else:
        montrer(etat)


@app.command()
def approve(
    en_json: EnJson = False,
    par: Annotated[str | None, typer.Option("--par", help="Au nom de qui ; par défaut, l'utilisateur système.")] = None,
) -> None:
    """Laisse la prochaine réponse marquer autant de disparus qu'il y en a de retenus. Exemple : crm-sync removals approve"""
    from crm_sync import affichage
    from crm_sync.crm import disparition

    with bases(a_jour=True) as ouvertes:
        nombre = disparition.approuver(ouvertes, par or getpass.getuser())
    message = (
        f"{affichage.compte(nombre, 'retrait approuvé')} : la prochaine réponse à laquelle il ne manque pas davantage "
        "marque ce qui lui manque comme disparu. Lancer « crm-sync sync »."
    )
    if en_json:
        affichage.en_json({"statut": "reussie", "approuves": nombre, "message": message, "avertissements": []})
    else:
        affichage.console.print(message)


def montrer(etat: Mapping[str, Any]) -> None:
    """Show what the source no longer sends, and what to do."""
    from crm_sync import affichage

    colonnes = ("état", "entité", "nombre", "depuis", "réponses", "identifiants de la source")
    table = affichage.tableau("Ce que la source n'envoie plus", *colonnes, droite={"nombre", "réponses"})
    for titre, cle in (("retenus", "retenus"), ("manquants", "manquants"), ("disparus", "disparus")):
        _ajouter(table, titre, etat[cle], etat["reponse_le"])
    if table.row_count:
        affichage.console.print(table)
    for phrase in _que_faire(etat):
        affichage.console.print(phrase)


def _ajouter(table: "Table", titre: str, noeuds: Iterable[Mapping[str, Any]], reponse_le: Any) -> None:
    """Add a line per entity; what is withheld is not counted: it is said since when it was last missed."""
    from crm_sync import affichage

    par_entite: dict[str, list[Mapping[str, Any]]] = {}
    for noeud in noeuds:
        par_entite.setdefault(noeud["entite"], []).append(noeud)
    for entite, lignes in par_entite.items():
        comptees = [ligne["reponses"] for ligne in lignes if "reponses" in ligne]
        noms = [ligne["source_id"] for ligne in lignes[:EXEMPLES]]
        table.add_row(
            titre,
            ENTITES[entite],
            affichage.nombre(len(lignes)),
            affichage.heure(min(ligne.get("depuis", reponse_le) for ligne in lignes)),
            "–".join(str(nombre) for nombre in sorted({min(comptees), max(comptees)})) if comptees else "—",
            ", ".join(noms) + (", …" if len(lignes) > EXEMPLES else ""),
        )


def _retraits(combien: int) -> str:
    from crm_sync import affichage

    return affichage.compte(combien, "retrait")


def _que_faire(etat: Mapping[str, Any]) -> list[str]:
    """Say what the figures mean and what to do, in sentences."""
    phrases = []
    combien = etat["retraits_en_attente"]
    retenus = f"{_retraits(combien)} {'sont retenus' if combien > 1 else 'est retenu'}"
    if combien:
        phrases.append(
            f"La dernière réponse était incomplète : {retenus}, rien n'est marqué. "
            "Vérifier l'application source ; si ces retraits sont voulus, « crm-sync removals approve », puis « crm-sync sync »."
        )
    if etat["approbation"]:
        phrases.append(
            f"Une approbation de {_retraits(etat['approbation']['nombre'])} attend la prochaine réponse à laquelle il n'en "
            "manque pas davantage."
        )
    if etat["manquants"]:
        phrases.append(
            "Les manquants seront marqués disparus si d'autres réponses complètes ne les ont pas. Rien à faire."
        )
    if etat["disparus"]:
        phrases.append(
            "Les disparus restent dans le CRM et comptés comme vendus ; s'ils reviennent, la marque est levée d'elle-même."
        )
    return phrases or ["Rien ne manque : la source envoie tout ce que l'on connaît d'elle."]
