"""`crm-sync why`: one client, contract or link explained, from stored facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from crm_sync.commandes import lignes
from crm_sync.commandes.ouverture import EnJson, bases, introuvable
from crm_sync.domain import phrases
from crm_sync.errors import ConfigurationError


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
    if not expliquees:
        introuvable(
            "Rien ne correspond. Essayer un e-mail, un téléphone, client:ID, contrat:REF ou prospect:ID.",
            en_json=en_json,
        )
    connus = [c.nom for c in CHAMPS[expliquees[0]["entite"]]]
    if champ and champ not in connus:
        raise ConfigurationError(f"« {champ} » n'est pas un champ. Champs connus : {', '.join(connus)}.")
    if en_json:
        affichage.en_json({"explications": expliquees})
        return
    for expliquee in expliquees:
        _montrer(expliquee, seul=champ is not None)


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


def _montrer(expliquee: Mapping[str, Any], *, seul: bool) -> None:
    from crm_sync import affichage

    ecrire = affichage.console.print
    ecrire(expliquee["cible"] + ("" if expliquee["present"] else " (n'existe plus dans le CRM)"))
    if not expliquee["liens"]:
        ecrire("  Aucune fiche de la source n'y est reliée : cette ligne est du CRM seul.")
    for lien in expliquee["liens"]:
        ecrire(f"  {_lien(expliquee['entite'], lien)}")
    if seul:
        for champ in expliquee["champs"]:
            _montrer_champ(champ)
    elif expliquee["champs"]:
        _montrer_champs(expliquee["champs"])
    _montrer_detenteurs(expliquee)


def _lien(entite: str, lien: Mapping[str, Any]) -> str:
    from crm_sync import affichage

    genre = "prospect" if entite == "client" else "fiche"
    preuve = phrases.preuve(lien["preuve"])
    return (
        f"{genre} {lien['source_id']}, relié le {affichage.heure(lien['cree_le'])} : {phrases.lien(entite, lien['regle'])}"
        + (f" ({preuve})" if preuve else "")
    )


def _montrer_champ(champ: Mapping[str, Any]) -> None:
    """Tell one field in sentences."""
    from crm_sync import affichage

    ecrire = affichage.console.print
    preuve = champ["preuve"]
    ecrire(f"\n  {champ['champ']} : {lignes.valeur(champ, 'valeur')}")
    ecrire(f"    avant     {lignes.valeur(champ, 'avant')}")
    ecrire(f"    pourquoi  {phrases.champ(champ['regle'], champ['cote'])}")
    if champ["run"]:
        ecrire(
            f"    quand     {affichage.heure(champ['quand'])}, exécution {champ['run']}, journal {champ['journal_id']}"
        )
    if preuve.get("vu_le"):
        ecrire(f"    quand     vu pour la première fois le {_instant(preuve['vu_le'])}")
    if preuve.get("ecrit_avant_par"):
        ecrire(
            f"    écrit     la valeur d'avant, le {_instant(preuve['ecrit_avant_le'])} "
            f"par l'exécution {preuve['ecrit_avant_par']}"
        )
    if preuve.get("source_id"):
        du = f", modifiée le {_instant(preuve['source_le'])}" if preuve.get("source_le") else ""
        ecrire(f"    source    fiche {preuve['source_id']}{du}")
    if preuve.get("crm_le"):
        ecrire(f"    CRM       modifié le {_instant(preuve['crm_le'])}")


def _instant(valeur: Any) -> str:
    from crm_sync import affichage

    return affichage.instant(valeur) if isinstance(valeur, str) else affichage.heure(valeur)


def _montrer_champs(champs: Sequence[Mapping[str, Any]]) -> None:
    """Show every field with a value or a past, then the runs by number: their ids are too long for a column."""
    from crm_sync import affichage

    racontes = [c for c in champs if c["valeur"] is not None or c["avant"] is not None or c["run"]]
    runs = list(dict.fromkeys(c["run"] for c in racontes if c["run"]))
    table = affichage.tableau("", "champ", "valeur", "avant", "pourquoi", "quand")
    for champ in racontes:
        quand = affichage.heure(champ["quand"]) if isinstance(champ["quand"], datetime) else _instant(champ["quand"])
        table.add_row(
            champ["champ"],
            lignes.valeur(champ, "valeur"),
            lignes.valeur(champ, "avant"),
            phrases.champ(champ["regle"], champ["cote"]),
            f"{quand} [{runs.index(champ['run']) + 1}]" if champ["run"] else quand,
        )
    affichage.console.print(table)
    vides = [c["champ"] for c in champs if c not in racontes]
    if vides:
        affichage.console.print(f"  sans valeur : {', '.join(vides)}")
    for rang, run in enumerate(runs, 1):
        affichage.console.print(f"  [{rang}] exécution {run}")


def _montrer_detenteurs(expliquee: Mapping[str, Any]) -> None:
    """Show who sold a contract and each change of who holds it."""
    from crm_sync import affichage

    if vente := expliquee.get("vendu_par"):
        affichage.console.print(
            f"  vendu par {vente['commercial']}, vu signé le {affichage.heure(vente['vu_signe_le'])}"
        )
    for change in expliquee["historique"]:
        affichage.console.print(
            f"  {affichage.heure(change['change_le'])}  {phrases.LECTURES.get(change['lecture'], change['lecture'])} : "
            f"{change['ancien_commercial'] or 'personne'} → {change['commercial']}"
        )
