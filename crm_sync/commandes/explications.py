"""`crm-sync why`, `journal`, `undo`: what was done, by which rule, on what evidence, and how it is taken back."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from crm_sync.commandes.ouverture import EnJson, bases
from crm_sync.errors import ConfigurationError

journal_app = typer.Typer(invoke_without_command=True, help="Le journal des changements. Exemple : crm-sync journal")

SORTS = {"restaure": "Remis", "garde": "Gardé", "impossible": "Impossible"}
TITRES = {
    "client": "client",
    "contrat": "contrat",
    "apporteur": "commercial",
    "utilisateur": "utilisateur",
    "information_paiement": "coordonnées bancaires",
}


def why(
    quoi: Annotated[
        str, typer.Argument(metavar="WHAT", help="E-mail, téléphone, référence, client:ID, contrat:REF, prospect:ID.")
    ],
    champ: Annotated[str | None, typer.Argument(metavar="[FIELD]", help="Un champ, par exemple telephone.")] = None,
    en_json: EnJson = False,
) -> None:
    """D'où vient chaque valeur : qui, quand, quelle règle, sur quelle preuve. Exemple : crm-sync why contrat:8177185WNC statut"""
    from crm_sync import affichage
    from crm_sync.crm import explication
    from crm_sync.domain.types import CHAMPS

    with bases() as ouvertes:
        cibles = _cibles(ouvertes, quoi)
        expliquees = [e for cible in cibles if (e := explication.pourquoi(ouvertes, *cible, champ))]
    if champ and not any(champ in {c.nom for c in CHAMPS[entite]} for entite, _ in cibles):
        connus = ", ".join(c.nom for entite, _ in cibles[:1] for c in CHAMPS[entite])
        raise ConfigurationError(
            f"« {champ} » n'est pas un champ. Champs connus : {connus or 'voir crm-sync why --help'}."
        )
    if not expliquees:
        affichage.erreurs.print("Rien ne correspond. Essayer client:ID, contrat:REF ou prospect:ID.")
        raise typer.Exit(1)
    if en_json:
        affichage.en_json({"explications": expliquees})
        return
    for expliquee in expliquees:
        _montrer_pourquoi(expliquee)


def _cibles(ouvertes: Any, quoi: str) -> list[tuple[str, str]]:
    """Give what is asked about: (entity, CRM id)."""
    from crm_sync.crm import explication, fiche

    genre, _, reste = quoi.partition(":")
    if genre == "prospect":
        trouve = explication.lien(ouvertes, "client", reste)
        return [("client", trouve["crm_id"])] if trouve else []
    contrats = fiche.contrats_de_reference(ouvertes, reste if genre == "contrat" else quoi)
    if genre == "contrat" or contrats:
        return [("contrat", crm_id) for crm_id in contrats]
    return [("client", crm_id) for crm_id in fiche.trouver(ouvertes, quoi)] or (
        [("client", reste)] if genre == "client" else []
    )


def _montrer_pourquoi(expliquee: Mapping[str, Any]) -> None:
    from rich.table import Table

    from crm_sync import affichage

    absent = "" if expliquee["present"] else " (n'existe plus dans le CRM)"
    affichage.console.print(f"{TITRES[expliquee['entite']]} {expliquee['crm_id']}{absent}")
    for lien in expliquee["liens"]:
        affichage.console.print(
            f"  relié à {lien['source_id']} par {lien['regle']} le {affichage.heure(lien['cree_le'])}"
            + (f" ; preuve : {lien['preuve']}" if lien["preuve"] else "")
        )
    table = Table(box=None, padding=(0, 2, 0, 2))
    for colonne in ("champ", "valeur", "avant", "décidé par", "règle", "quand", "exécution"):
        table.add_column(colonne, overflow="fold")
    for champ in expliquee["champs"]:
        table.add_row(
            champ["champ"],
            champ["valeur"] or "—",
            champ["avant"] or "—",
            champ["cote"],
            champ["regle"],
            affichage.heure(champ["quand"]),
            champ["run"] or "",
        )
    affichage.console.print(table)
    for change in expliquee["historique"]:
        ancien = change["ancien_commercial_id"] or "personne"
        affichage.console.print(
            f"  {change['lecture']} : {ancien} → {change['commercial_id']} le {affichage.heure(change['change_le'])}"
        )


@journal_app.callback()
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
        entrees = [
            explication.montrable(entree)
            for entree in explication.journal(ouvertes, synchronisation_id=run, limite=limite)
        ]
    if en_json:
        affichage.en_json({"journal": entrees})
    else:
        montrer_entrees(entrees)


@journal_app.command("restore")
def restore(
    identifiant: Annotated[str, typer.Argument(metavar="ID", help="Numéro du journal, ou NUMÉRO.champ.")],
    en_json: EnJson = False,
) -> None:
    """Remet une valeur perdue, jusqu'au prochain changement de la source. Exemple : crm-sync journal restore 12.telephone"""
    from crm_sync.chaine import restaurer

    numero, _, champ = identifiant.partition(".")
    if not numero.isdigit():
        raise ConfigurationError(f"« {identifiant} » n'est pas un numéro du journal : attendu 12 ou 12.telephone.")
    with bases(a_jour=True) as ouvertes:
        sorts = restaurer(ouvertes, int(numero), champ or None)
    _montrer_sorts(sorts, en_json=en_json, autres={})


def undo(
    run: Annotated[str, typer.Argument(metavar="RUN", help="L'identifiant de l'exécution (run_id).")],
    plan: Annotated[bool, typer.Option("--plan", help="Montrer seulement.")] = False,
    en_json: EnJson = False,
) -> None:
    """Annule une exécution : remis, gardé car modifié depuis, ou impossible. Exemple : crm-sync undo RUN --plan"""
    from crm_sync.chaine import annuler

    with bases(a_jour=True) as ouvertes:
        moi, sorts = annuler(ouvertes, run, montrer=plan)
    _montrer_sorts(sorts, en_json=en_json, autres={"run_id": moi or None, "montre_seulement": plan})


def _montrer_sorts(sorts: Sequence[Mapping[str, Any]], *, en_json: bool, autres: Mapping[str, Any]) -> None:
    from rich.table import Table

    from crm_sync import affichage

    if en_json:
        listes = {sort: [s for s in sorts if s["sort"] == sort] for sort in SORTS}
        affichage.en_json({**autres, **listes})
        return
    if autres.get("montre_seulement"):
        affichage.console.print("Rien n'est annulé : voici ce que « crm-sync undo » ferait.")
    for sort, titre in SORTS.items():
        lignes = [s for s in sorts if s["sort"] == sort]
        affichage.console.print(f"{titre} : {affichage.nombre(len(lignes))}")
        if lignes:
            table = Table(box=None, padding=(0, 2, 0, 2))
            for colonne in ("", "ligne", "champ", "raison"):
                table.add_column(colonne, overflow="fold")
            for ligne in lignes:
                table.add_row(TITRES[ligne["entite"]], ligne["crm_id"], ligne["champ"], ligne["raison"])
            affichage.console.print(table)


def montrer_entrees(entrees: Sequence[Mapping[str, Any]]) -> None:
    """Show journal entries, one line per field."""
    from rich.table import Table

    from crm_sync import affichage

    if not entrees:
        affichage.console.print("Le journal est vide.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for colonne in ("n°", "quand", "quoi", "champ", "avant", "après", "perdu", "règle"):
        table.add_column(colonne, overflow="fold")
    for entree in entrees:
        quoi = f"{TITRES[entree['entite']]} {entree['crm_id'][:8]} {entree['action']}"
        for rang, champ in enumerate(entree["champs"]):
            premier = not rang
            table.add_row(
                f"{entree['journal_id']}.{champ['champ']}",
                affichage.heure(entree["applique_le"]) if premier else "",
                quoi if premier else "",
                champ["champ"],
                champ["avant"] or "—",
                champ["apres"] or "—",
                champ.get("perdant") or "",
                champ.get("regle") or entree["regle"],
            )
    affichage.console.print(table)
