"""`crm-sync sold`: a person says who sold a contract; recorded, and counted so in the KPI."""

from typing import Annotated

import typer

from crm_sync.commandes.ouverture import EnJson, bases


def sold(
    contrat: Annotated[str, typer.Argument(metavar="CONTRACT", help="La référence, ou contrat:REF.")],
    commercial: Annotated[
        str, typer.Argument(metavar="WHO", help="L'adresse du commercial, ou son identifiant (commercial_id).")
    ],
    en_json: EnJson = False,
) -> None:
    """Corrige « vendu par » d'un contrat, avec sa trace. Exemple : crm-sync sold contrat:8177185WNC vendeuse@exemple.fr"""
    from crm_sync import affichage
    from crm_sync.chaine import corriger_vente

    with bases(a_jour=True) as ouvertes:
        faite = corriger_vente(ouvertes, contrat, commercial)
    change = faite.ancien_id != faite.commercial_id
    message = (
        f"{faite.cible} est vendu par {faite.commercial} (avant : {faite.ancien or 'personne'}). L'indicateur est à jour."
        if change
        else f"{faite.cible} est déjà vendu par {faite.commercial} : rien n'a changé."
    )
    if en_json:
        affichage.en_json({"statut": "reussie", **faite._asdict(), "message": message, "avertissements": []})
        return
    affichage.console.print(message)
    if change and faite.ancien_id:
        affichage.console.print(f"Revenir en arrière : crm-sync sold {faite.cible} {faite.ancien_id}")
