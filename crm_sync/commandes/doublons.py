"""`crm-sync duplicates`: pairs that may be one person, and what somebody decides of them."""

import getpass
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from crm_sync.commandes import lignes
from crm_sync.commandes.ouverture import EnJson, bases
from crm_sync.domain import phrases

app = typer.Typer(invoke_without_command=True, help="Les doublons possibles. Exemple : crm-sync duplicates")

Garder = Annotated[str, typer.Argument(metavar="KEEP", help="La fiche à garder : client:ID ou prospect:ID.")]
Autre = Annotated[str, typer.Argument(metavar="OTHER", help="L'autre : client:ID ou prospect:ID.")]
FicheA = Annotated[str, typer.Argument(metavar="A", help="client:ID ou prospect:ID")]
FicheB = Annotated[str, typer.Argument(metavar="B", help="client:ID ou prospect:ID")]


@app.callback()
def duplicates(context: typer.Context, en_json: EnJson = False) -> None:
    """Les fiches qui sont peut-être une même personne. Exemple : crm-sync duplicates"""
    if context.invoked_subcommand:
        return
    from crm_sync import affichage
    from crm_sync.crm import doublons

    with bases() as ouvertes:
        paires = doublons.lister(ouvertes)
    if en_json:
        affichage.en_json({"doublons_possibles": paires})
    else:
        montrer(paires)


@app.command("same")
def same(garder: Garder, autre: Autre, en_json: EnJson = False) -> None:
    """Une seule personne : ce que nous avons apporté va à la première. Exemple : crm-sync duplicates same client:A client:B"""
    _decider("meme", garder, autre, en_json=en_json)


@app.command("different")
def different(a: FicheA, b: FicheB, en_json: EnJson = False) -> None:
    """Deux personnes : elles ne seront plus rapprochées. Exemple : crm-sync duplicates different client:A prospect:7"""
    _decider("different", a, b, en_json=en_json)


def _decider(verdict: str, a: str, b: str, *, en_json: bool) -> None:
    from crm_sync import affichage
    from crm_sync.chaine import decider

    with bases(a_jour=True) as ouvertes:
        session = decider(ouvertes, verdict, a, b, getpass.getuser())
    if en_json:
        faits = {"verdict": verdict, "a": a, "b": b, "run_id": session.synchronisation_id}
        affichage.en_json({"statut": "reussie", **faits, "avertissements": session.avertissements})
        return
    ce_qui_est = f"{b} est {a}" if verdict == "meme" else f"{a} et {b} sont deux personnes"
    run = session.synchronisation_id
    affichage.console.print(f"C'est noté : {ce_qui_est}. Appliqué par l'exécution {run}.")
    affichage.console.print(f"Ce qui a changé : crm-sync journal --run {run}")
    affichage.console.print(
        f"Changer d'avis  : crm-sync duplicates {'different' if verdict == 'meme' else 'same'} {a} {b}"
    )


def montrer(paires: Sequence[Mapping[str, Any]]) -> None:
    """Show pairs with the evidence on each, and how to decide."""
    from crm_sync import affichage

    if not paires:
        affichage.console.print("Aucun doublon possible n'attend de décision.")
        return
    affichage.console.print(affichage.compte(len(paires), "doublon possible"))
    for paire in paires[: lignes.MONTREES]:  # ids stand alone on their lines: they are copied
        affichage.console.print(f"\n  {paire['id_a']}\n  {paire['id_b']}")
        affichage.console.print(f"    {phrases.preuve(paire['preuve'])} (vu le {affichage.heure(paire['vu_le'])})")
    lignes.autres(len(paires))
    affichage.console.print("\nComparer           : crm-sync client client:ID ; crm-sync why prospect:ID")
    affichage.console.print("Une seule personne : crm-sync duplicates same GARDER AUTRE")
    affichage.console.print("Deux personnes     : crm-sync duplicates different A B")
