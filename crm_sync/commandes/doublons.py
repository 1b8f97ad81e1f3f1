"""`crm-sync duplicates`: pairs that may be one person, and what somebody decides of them."""

import getpass
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from crm_sync.commandes.ouverture import EnJson, bases

app = typer.Typer(invoke_without_command=True, help="Les doublons possibles. Exemple : crm-sync duplicates")

Fiche = Annotated[str, typer.Argument(help="client:ID ou prospect:ID")]

RAISONS = {
    "prenom_different": "prénoms différents",
    "nom_different": "noms différents",
    "cle_generique": "coordonnée partagée par trop de gens",
    "cle_vendeur": "coordonnée d'un commercial",
    "plusieurs": "plusieurs fiches possibles",
    "decision_different": "une personne a décidé que ce sont deux",
}


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
        _montrer(paires)


@app.command("same")
def same(garder: Fiche, autre: Fiche, en_json: EnJson = False) -> None:
    """Une seule personne : ce que nous avons apporté va à la première. Exemple : crm-sync duplicates same client:A client:B"""
    _decider("meme", garder, autre, en_json=en_json)


@app.command("different")
def different(a: Fiche, b: Fiche, en_json: EnJson = False) -> None:
    """Deux personnes : elles ne seront plus rapprochées. Exemple : crm-sync duplicates different client:A prospect:7"""
    _decider("different", a, b, en_json=en_json)


def _decider(verdict: str, a: str, b: str, *, en_json: bool) -> None:
    from crm_sync import affichage
    from crm_sync.chaine import decider

    with bases(a_jour=True) as ouvertes:
        session = decider(ouvertes, verdict, a, b, getpass.getuser())
    if en_json:
        affichage.en_json({"verdict": verdict, "a": a, "b": b, "run_id": session.synchronisation_id})
        return
    ce_qui_est = f"{b} est {a}" if verdict == "meme" else f"{a} et {b} sont deux personnes"
    affichage.console.print(
        f"C'est noté : {ce_qui_est}. Appliqué par l'exécution {session.synchronisation_id} "
        f"(« crm-sync journal --run {session.synchronisation_id} » la montre, « crm-sync undo » l'annule)."
    )


def _montrer(paires: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    from crm_sync import affichage

    if not paires:
        affichage.console.print("Aucun doublon possible n'attend de décision.")
        return
    table = Table(title=f"{affichage.nombre(len(paires))} doublons possibles", title_justify="left", show_lines=True)
    for colonne in ("une fiche", "une autre", "pourquoi", "vu le"):
        table.add_column(colonne, overflow="fold")
    for paire in paires:
        table.add_row(paire["id_a"], paire["id_b"], _raison(paire), affichage.heure(paire["vu_le"]))
    affichage.console.print(table)
    affichage.console.print("Une seule personne : crm-sync duplicates same GARDER AUTRE")
    affichage.console.print("Deux personnes     : crm-sync duplicates different A B")


def _raison(paire: Mapping[str, Any]) -> str:
    preuve = paire["preuve"] or {}
    details = [f"{cle} : {_mots(valeur)}" for cle, valeur in preuve.items() if cle != "regle" and valeur]
    return "\n".join([str(paire["regle"]), *details])


def _mots(valeur: Any) -> str:
    valeurs = valeur if isinstance(valeur, list) else [valeur]
    return ", ".join(RAISONS.get(str(une), str(une)) for une in valeurs)
