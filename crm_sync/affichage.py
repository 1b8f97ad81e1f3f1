"""What the command line shows: French, plain, and the same figures as everywhere else."""

import json
import logging
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from crm_sync.crm.livres import ENTITES
from crm_sync.domain import francais, phrases

heure, instant, nombre, compte = francais.heure, francais.instant, francais.nombre, francais.compte
# A pipe or a file has no width of its own: wide enough for a table, and sentences are never broken.
LARGEUR_SANS_TERMINAL = 160
console = Console(highlight=False, markup=False, soft_wrap=True)
erreurs = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
if not console.is_terminal:
    console.width = LARGEUR_SANS_TERMINAL
LARGE, ETROIT = 150, 100
REJETS_PAR_RAISON = 20

TITRES = {
    "commerciaux": "commerciaux",
    "clients": "clients",
    "contrats": "contrats",
    "informations_paiement": "coordonnées bancaires",
}
COLONNES = ("recus", "crees", "modifies", "inchanges", "reunis", "rejets")
EN_TETES = ("reçus", "créés", "modifiés", "inchangés", "réunis", "mis de côté")


def en_json(valeur: Any) -> None:
    """Print one JSON document on standard output, at once: whoever started a server waits for its address."""
    sys.stdout.write(json.dumps(valeur, ensure_ascii=False, default=_json, indent=2) + "\n")
    sys.stdout.flush()


def _json(valeur: object) -> str:
    if isinstance(valeur, datetime | date):
        return valeur.isoformat()
    return str(valeur)


def etape(nom: str) -> None:
    """Say which step a sync is at."""
    console.print(f"… {nom}")


class _Etapes(logging.Handler):
    """Shows the steps that a running sync announces."""

    def emit(self, record: logging.LogRecord) -> None:
        etape(record.getMessage())


@contextmanager
def progression(*, muette: bool) -> Iterator[None]:
    """Show the steps of a sync while it runs, one line each; nothing where `muette`."""
    journal = logging.getLogger("crm_sync.etapes")
    journal.propagate = False
    journal.setLevel(logging.INFO)
    suivi: logging.Handler = logging.NullHandler() if muette else _Etapes()
    journal.addHandler(suivi)
    try:
        yield
    finally:
        journal.removeHandler(suivi)


def a_faire(donnees: Mapping[str, Any]) -> Iterator[str]:
    """Say what waits for a person after a sync, one line each with the command; nothing that a warning says already."""
    prefixe = f"crm-sync journal --run {donnees['run_id']}" if donnees.get("run_id") else "crm-sync journal"
    attentes = (
        ("rejets", "élément", " mis de côté", "crm-sync rejects", "dit lesquels, pourquoi et que faire"),
        ("doublons_possibles", "doublon possible", "", "crm-sync duplicates", "les montre et dit comment décider"),
        ("conflits", "conflit", " où le plus récent l'a emporté", prefixe, "dit ce qui a été perdu"),
        ("disparus", "élément", " que la source n'envoie plus, marqué disparu", "crm-sync removals", "les montre"),
        (
            "retraits_en_attente",
            "retrait",
            " en attente : la réponse était incomplète",
            "crm-sync removals",
            "dit que faire",
        ),
    )
    for cle, mots, suite_, commande, ce_qu_elle_dit in attentes:
        combien = donnees.get(cle) or 0
        if combien and not any(f"« {commande} »" in dit for dit in donnees["avertissements"]):
            yield f"{compte(combien, mots)}{suite_} : « {commande} » {ce_qu_elle_dit}."


def resultat(donnees: Mapping[str, Any]) -> None:
    """Show what a sync did."""
    if donnees["statut"] == "reussie":
        table = tableau(compte(donnees["prospects"], "prospect"))
        table.add_column("", no_wrap=True)
        for en_tete in EN_TETES:
            table.add_column(en_tete, justify="right")
        for entite in ENTITES:
            table.add_row(TITRES[entite], *(nombre(donnees[entite][colonne]) for colonne in COLONNES))
        console.print(table)
    for avertissement in donnees["avertissements"]:
        console.print(f"Attention : {avertissement}")
    for phrase in a_faire(donnees):
        console.print(phrase)
    duree = f" ({nombre(Decimal(str(donnees['duree_s'])))} s)" if "duree_s" in donnees else ""
    sortie = console if donnees["statut"] == "reussie" else erreurs
    sortie.print(f"{donnees['message']}{duree}")


STATUTS = {
    "validés": "nb_valides",
    "signés": "nb_signes",
    "en attente": "nb_en_attente",
    "résiliés": "nb_resilies",
    "annulés": "nb_annules",
    "autres": "nb_autres",
}


SUITE = """
Et maintenant ?
  make dev                    Dagster dans le navigateur, synchronisation toutes les heures et à la demande
  crm-sync client WHO         tout sur un client (e-mail, téléphone, référence de contrat)
  crm-sync rejects            ce qui est mis de côté, et que faire
  crm-sync plan               ce que ferait la prochaine synchronisation, sans rien écrire
  crm-sync duplicates         les fiches qui sont peut-être une même personne, et comment décider
  EXTERNAL_API_URL=… CRM_DATABASE_URL=postgresql://… .venv/bin/crm-sync sync
                              la même chose sur votre source et votre CRM (voir README, « Votre source, votre CRM »)"""


def suite() -> None:
    """Say what to do next."""
    console.print(SUITE)


def kpi(lignes: Sequence[Mapping[str, Any]]) -> None:
    """Show the KPI table and its total; each status apart where the terminal is wide enough."""
    table = tableau("Contrats par commercial")
    statuts = STATUTS if console.width >= LARGE else {"validés": "nb_valides"} if console.width >= ETROIT else {}
    for colonne in ("rang", "commercial", "contrats", "part", *statuts, "clients", "montant", "vendus"):
        table.add_column(
            colonne, justify="left" if colonne == "commercial" else "right", no_wrap=colonne != "commercial"
        )
    for ligne in lignes:
        table.add_row(
            str(ligne["rang"]),
            " ".join(filter(None, (ligne["prenom"], ligne["nom"]))),
            nombre(ligne["nb_contrats"]),
            f"{ligne['part'] * 100:.1f} %".replace(".", ","),
            *(nombre(ligne[colonne]) for colonne in statuts.values()),
            nombre(ligne["nb_clients"]),
            nombre(ligne["montant_total"]),
            nombre(ligne["nb_vendus"]),
        )
    console.print(table)
    total = sum(ligne["nb_contrats"] for ligne in lignes)
    calcule = heure(lignes[0]["calcule_le"]) if lignes else ""
    console.print(f"Total : {nombre(total)} contrats." + (f" Calculé le {calcule}." if calcule else ""))


def tableau(titre: str, *colonnes: str, droite: Collection[str] = (), entieres: Collection[str] = ()) -> Table:
    """Make a table in the one style of all commands: numbers in the columns of `droite`, what is copied in `entieres`.

    A cell folds, it is never cut; those of `entieres` are not folded either.
    """
    table = Table(title=titre, title_justify="left", box=box.SIMPLE_HEAD)
    for colonne in colonnes:
        table.add_column(
            colonne, justify="right" if colonne in droite else "left", overflow="fold", no_wrap=colonne in entieres
        )
    return table


def disparu(instant: datetime) -> str:
    """Say that the source no longer has something, never that it was terminated."""
    return f"disparu de la source le {heure(instant)}"


def client(donnees: Mapping[str, Any]) -> None:
    """Show the 360° view of one client."""
    fiche = donnees["client"]
    console.print(f"{' '.join(filter(None, (fiche['prenom'], fiche['nom'])))} — client:{fiche['id']}")
    console.print(f"  e-mail : {fiche['email'] or '—'}   téléphone : {fiche['telephone'] or '—'}")
    console.print(
        f"  pièce d'identité : {'oui' if fiche['carte_identite'] else 'non'}   modifié le {heure(fiche['updated_at'])}"
    )
    colonnes = ("référence", "produit", "statut", "montant", "signé le", "commercial")
    table = tableau("Contrats", *colonnes, droite={"montant"})
    for contrat in donnees["contrats"]:
        statut = contrat["statut"] or ""
        if statut == "autre" and contrat["statut_source"]:
            statut = f"autre ({contrat['statut_source']})"
        if contrat["disparu_le"]:
            statut = f"{statut}, {disparu(contrat['disparu_le'])}"
        table.add_row(
            contrat["reference"],
            contrat["produit"] or "",
            statut,
            "" if contrat["montant"] is None else nombre(contrat["montant"]),
            heure(contrat["date_signature"]),
            contrat["commercial"],
        )
    console.print(table)
    for paiement in donnees["informations_paiement"]:
        parti = f"   {disparu(paiement['disparu_le'])}" if paiement["disparu_le"] else ""
        console.print(f"  {paiement['iban']}   BIC : {'oui' if paiement['bic_connu'] else 'non'}{parti}")
    for prospect in donnees["prospects"]:
        presence = "présent" if prospect["present"] else "absent de la dernière réponse"
        presence = disparu(prospect["disparu_le"]) if prospect["disparu_le"] else presence
        console.print(
            f"  prospect:{prospect['id_prospect']} ({presence}), relié : {phrases.lien('client', prospect['regle'])}, "
            f"le {heure(prospect['cree_le'])}"
        )


def rejets(lignes: Sequence[Mapping[str, Any]]) -> None:
    """Show what is put aside, by reason, and what to do."""
    if not lignes:
        console.print("Rien n'est mis de côté.")
        return
    console.print(f"{compte(len(lignes), 'élément')} mis de côté")
    par_raison: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for ligne in lignes:
        par_raison[ligne["raison"], ligne["que_faire"]].append(ligne)
    for (raison, que_faire), siennes in par_raison.items():
        console.print(f"\n{raison}\n  Que faire : {que_faire}")
        for ligne in siennes[:REJETS_PAR_RAISON]:
            plusieurs = f" ({ligne['noeuds']} éléments)" if ligne["noeuds"] > 1 else ""
            qui = f"prospect {ligne['id_prospect']}" if ligne["id_prospect"] else "sans prospect"
            console.print(
                f"  {qui}, {ligne['entite']} {ligne['chemin']}{plusieurs}, depuis le {heure(ligne['depuis'])}"
            )
        if len(siennes) > REJETS_PAR_RAISON:
            console.print(f"  … et {nombre(len(siennes) - REJETS_PAR_RAISON)} de plus (--json les donne tous).")
