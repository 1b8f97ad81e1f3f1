"""`crm-sync plan`: what the next sync would do, shown before it does it."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from crm_sync.commandes.explications import TITRES, montrer_entrees
from crm_sync.commandes.ouverture import EnJson, bases

MONTREES = 20
"""Rows of each kind shown on a terminal; `--json` gives them all."""


def plan(
    en_json: EnJson = False,
    demo: Annotated[bool, typer.Option("--demo", help="Sans EXTERNAL_API_URL : lire la source de référence.")] = False,
    prospects: Annotated[int, typer.Option(min=0, help="Avec --demo : nombre de prospects inventés.")] = 300,
) -> None:
    """Ce que ferait une synchronisation, sans rien écrire dans le CRM. Exemple : crm-sync plan"""
    from crm_sync import affichage
    from crm_sync.chaine import planifier
    from crm_sync.resources import endpoint
    from crm_sync.settings import load_settings

    settings = load_settings()
    with ExitStack() as pile:
        if demo and not settings.external_api_url:
            from crm_sync.source.reference import source_de_demonstration

            settings.external_api_url = pile.enter_context(source_de_demonstration(prospects))
        source = endpoint(settings)
        ouvertes = pile.enter_context(bases(a_jour=True))
        with affichage.progression(muette=en_json):
            donnees = planifier(ouvertes, source)
    if en_json:
        affichage.en_json(donnees)
    else:
        _montrer(donnees)


def _montrer(donnees: Mapping[str, Any]) -> None:
    from crm_sync import affichage

    ecrire = affichage.console.print
    prevu = donnees["plan"]
    affichage.resultat(donnees)
    for entite, regles in prevu["regles"].items():
        trouves = ", ".join(f"{affichage.nombre(nombre)} par {regle}" for regle, nombre in regles.items())
        ecrire(f"{TITRES[entite]} : {trouves}.")
    modifiees = [e for e in prevu["ecritures"] if e["action"] != "creation"]
    if modifiees:
        ecrire(f"{affichage.nombre(len(modifiees))} lignes à modifier :")
        montrer_entrees(modifiees[:MONTREES])
    creations = [c for c in prevu["creations"] if c["entite"] == "client"]
    if creations:
        ecrire(f"{affichage.nombre(len(creations))} clients à créer :")
        for creation in creations[:MONTREES]:
            ecrire(f"  prospect {', '.join(creation['source_ids'])} : {_pourquoi(creation['preuve'])}")
        if len(creations) > MONTREES:
            ecrire(f"  … et {affichage.nombre(len(creations) - MONTREES)} autres (--json les donne tous).")
    if prevu["kpi"]:
        ecrire("Contrats par commercial :")
        for ligne in prevu["kpi"]:
            ecrire(f"  {ligne['commercial'] or ligne['commercial_id']} : {ligne['avant']} → {ligne['apres']}")
    for phrase in prevu["inconnu"]:
        ecrire(f"Inconnu : {phrase}")


def _pourquoi(preuve: Mapping[str, Any] | None) -> str:
    """Say why no match was found."""
    if not preuve:
        return "aucun client n'a son e-mail, son téléphone ou une de ses références"
    refuses = preuve.get("refuses") or []
    if refuses:
        return "; ".join(f"client {r.get('crm_id')} refusé ({r.get('raison') or r.get('pourquoi')})" for r in refuses)
    return str(dict(preuve))
