"""`crm-sync plan`: what the next sync would do, shown before it does it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from crm_sync.commandes import doublons, lignes, retraits
from crm_sync.commandes.ouverture import Demo, EnJson, Prospects, bases, reglages
from crm_sync.domain import phrases

IDENTIFIANTES = 8
"""Source ids named per reason on a terminal; `--json` gives them all."""
PLURIELS = {
    "client": "clients",
    "contrat": "contrats",
    "apporteur": "commerciaux",
    "utilisateur": "utilisateurs",
    "information_paiement": "coordonnées bancaires",
}


def plan(
    en_json: EnJson = False,
    demo: Demo = False,
    prospects: Prospects = 300,
) -> None:
    """Ce que ferait une synchronisation, sans rien écrire dans le CRM. Exemple : crm-sync plan"""
    from crm_sync import affichage
    from crm_sync.chaine import planifier
    from crm_sync.resources import endpoint

    with (
        reglages(demo=demo, prospects=prospects) as lus,
        bases(a_jour=True) as ouvertes,
        affichage.progression(muette=en_json),
    ):
        donnees = planifier(ouvertes, endpoint(lus))
    if en_json:
        affichage.en_json(donnees)
    else:
        _montrer(donnees)


def _montrer(donnees: Mapping[str, Any]) -> None:
    from crm_sync import affichage

    ecrire = affichage.console.print
    prevu = donnees["plan"]
    # What waits for a person has its own part below.
    affichage.resultat({**donnees, "conflits": 0, "doublons_possibles": 0, "disparus": 0, "retraits_en_attente": 0})
    _regles(prevu["regles"])
    _creations(prevu["creations"])
    changees = [e for e in prevu["ecritures"] if e["action"] != "creation"]
    if changees:
        ecrire(f"\n{affichage.compte(len(changees), 'ligne')} à changer")
        lignes.montrer(changees[: lignes.MONTREES])
        lignes.autres(len(changees))
    _mouvement(prevu["kpi"])
    if any(prevu["retraits"][etat] for etat in ("retenus", "manquants", "disparus")):
        ecrire("")
        retraits.montrer(prevu["retraits"])
    if prevu["doublons_possibles"]:
        ecrire("")
        doublons.montrer(prevu["doublons_possibles"])
    ecrire("\nCe que l'on ne peut pas savoir d'avance")
    for phrase in prevu["inconnu"]:
        ecrire(f"  {phrase}")
    ecrire("\nPour le faire : crm-sync sync")


def _regles(regles: Mapping[str, Mapping[str, int]]) -> None:
    """Say by which rule the nodes that are new to us were recognised; who was not is told with the creations."""
    from crm_sync import affichage

    reconnus = [(e, r, n) for e, comptes in regles.items() for r, n in comptes.items() if r != "creation"]
    if reconnus:
        affichage.console.print("\nNouvelles fiches de la source reconnues dans le CRM")
    for entite, regle, combien in reconnus:
        quoi = f"{affichage.nombre(combien)} {PLURIELS[entite] if combien > 1 else phrases.ENTITES[entite]}"
        affichage.console.print(f"  {quoi} : {phrases.lien(entite, regle)}")


def _creations(creations: Sequence[Mapping[str, Any]]) -> None:
    """Say of every row to be made why no match was found, one line per reason."""
    from crm_sync import affichage

    raisons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for creation in creations:
        fiches = " = ".join(creation["source_ids"])
        raisons[creation["entite"], phrases.nouveau(creation["entite"], creation["preuve"])].append(fiches)
    if raisons:
        affichage.console.print("\nCe qui serait créé, et pourquoi rien n'a été reconnu")
    for (entite, pourquoi), siennes in list(raisons.items())[: lignes.MONTREES]:
        combien = len(siennes)
        quoi = f"{affichage.nombre(combien)} {PLURIELS[entite] if combien > 1 else phrases.ENTITES[entite]}"
        nommees = ", ".join(siennes[:IDENTIFIANTES]) + (", …" if combien > IDENTIFIANTES else "")
        affichage.console.print(f"  {quoi} : {pourquoi}")
        affichage.console.print(f"    fiches de la source : {nommees}")
    lignes.autres(len(raisons))


def _mouvement(mouvements: Sequence[Mapping[str, Any]]) -> None:
    """Show how contracts per sales rep would move."""
    from crm_sync import affichage

    if not mouvements:
        return
    colonnes = ("commercial", "avant", "après", "écart", "montant des nouveaux")
    table = affichage.tableau("Contrats par commercial", *colonnes, droite=colonnes[1:])
    for ligne in mouvements:
        table.add_row(
            ligne["commercial"] or ligne["commercial_id"],
            affichage.nombre(ligne["avant"]),
            affichage.nombre(ligne["apres"]),
            f"{ligne['apres'] - ligne['avant']:+d}",
            affichage.nombre(ligne["montant_nouveaux"]),
        )
    affichage.console.print()
    affichage.console.print(table)
