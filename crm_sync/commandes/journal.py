"""`crm-sync journal` and `undo`: every change that a sync made, and how it is taken back."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from crm_sync.commandes import lignes
from crm_sync.commandes.ouverture import EnJson, bases
from crm_sync.errors import ConfigurationError

app = typer.Typer(invoke_without_command=True, help="Le journal des changements. Exemple : crm-sync journal")

SORTS = {"restaure": "Remis", "garde": "Gardé", "impossible": "Impossible"}
NUMERO = re.compile(r"([0-9]{1,18})(?:\.([a-z_]+))?")
GARDES = "Ce qui est gardé a été modifié ou utilisé depuis : le corriger à la main dans le CRM si besoin."


@app.callback()
def journal(
    context: typer.Context,
    run: Annotated[str | None, typer.Option(help="Seulement cette exécution.")] = None,
    limite: Annotated[int, typer.Option(min=1, help="Nombre de lignes au plus, les plus récentes d'abord.")] = 50,
    en_json: EnJson = False,
) -> None:
    """Chaque changement fait par une synchronisation, du plus récent. Exemple : crm-sync journal --limite 20"""
    if context.invoked_subcommand:
        return
    from crm_sync import affichage
    from crm_sync.crm import explication

    with bases() as ouvertes:
        if run:
            explication.verifier_run(ouvertes, run)
        lues = explication.journal(ouvertes, synchronisation_id=run, limite=limite)
        entrees = explication.montrables(ouvertes, lues)
    if en_json:
        affichage.en_json({"journal": entrees})
    elif not entrees:
        affichage.console.print("Cette exécution n'a rien écrit." if run else "Le journal est vide.")
    else:
        lignes.montrer(entrees)
        affichage.console.print("\nUne ligne en détail    : crm-sync why contrat:REF   (ou client:ID)")
        affichage.console.print("Remettre une valeur    : crm-sync journal restore NUMÉRO.champ")
        affichage.console.print("Annuler une exécution  : crm-sync undo EXÉCUTION --plan   (montre), puis sans --plan")


@app.command("restore")
def restore(
    identifiant: Annotated[str, typer.Argument(metavar="ID", help="Numéro du journal, ou NUMÉRO.champ.")],
    en_json: EnJson = False,
) -> None:
    """Remet une valeur perdue, jusqu'au prochain changement de la source. Exemple : crm-sync journal restore 12.telephone"""
    from crm_sync.chaine import restaurer

    lu = NUMERO.fullmatch(identifiant)
    if lu is None:
        raise ConfigurationError(f"« {identifiant} » n'est pas un numéro du journal : attendu 12 ou 12.telephone.")
    with bases(a_jour=True) as ouvertes:
        moi, sorts = restaurer(ouvertes, int(lu[1]), lu[2])
    _montrer_sorts(sorts, en_json=en_json, autres={"run_id": moi})


def undo(
    run: Annotated[str, typer.Argument(metavar="RUN", help="L'identifiant de l'exécution (run_id).")],
    plan: Annotated[bool, typer.Option("--plan", help="Montrer seulement.")] = False,
    en_json: EnJson = False,
) -> None:
    """Annule une exécution : remis, gardé car modifié depuis, ou impossible. Exemple : crm-sync undo RUN --plan"""
    from crm_sync import affichage
    from crm_sync.chaine import annuler

    with bases(a_jour=True) as ouvertes:
        moi, sorts = annuler(ouvertes, run, montrer=plan)
    if plan and not en_json:
        affichage.console.print("Rien n'est annulé : voici ce que « crm-sync undo » ferait.")
    _montrer_sorts(sorts, en_json=en_json, autres={"run_id": moi or None, "montre_seulement": plan})
    if plan and not en_json:
        affichage.console.print(f"Pour le faire : crm-sync undo {run}")


def _montrer_sorts(sorts: Sequence[Mapping[str, Any]], *, en_json: bool, autres: Mapping[str, Any]) -> None:
    from crm_sync import affichage

    listes = {sort: [s for s in sorts if s["sort"] == sort] for sort in SORTS}
    avertissements = [GARDES] if listes["garde"] else []
    if en_json:
        affichage.en_json({"statut": "reussie", **autres, **listes, "avertissements": avertissements})
        return
    for sort, titre in SORTS.items():
        if listes[sort]:
            affichage.console.print(_par_ligne(titre, listes[sort]))
            lignes.autres(len({s["cible"] for s in listes[sort]}))
    affichage.console.print(
        " ; ".join(f"{titre.lower()} : {affichage.nombre(len(listes[sort]))}" for sort, titre in SORTS.items())
    )
    for avertissement in avertissements:
        affichage.console.print(f"Attention : {avertissement}")
    if autres.get("run_id") and listes["restaure"]:
        affichage.console.print(
            f"Fait par l'exécution {autres['run_id']}. Ce qui est remis le reste jusqu'à ce que la source change à nouveau."
        )


def _par_ligne(titre: str, sorts: Sequence[Mapping[str, Any]]) -> Any:
    """Lay out one fate: one line per CRM row and reason."""
    from crm_sync import affichage

    champs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sort in sorts:
        champs[sort["cible"], sort["raison"]].append(sort["champ"])
    table = affichage.tableau(titre, "quoi", "champs", "pourquoi", entieres={"quoi"})
    for (cible, raison), noms in list(champs.items())[: lignes.MONTREES]:
        table.add_row(cible, ", ".join(noms), raison)
    return table
