"""What a materialisation tells ops in Dagster: what happened, what they must do, then the figures, in that order.

Counts, ids of the CRM, commands to copy and texts of ours; never a name, an address or a number of somebody. Nothing is read
here: the assets give what they know. Markdown where it is read, numbers where Dagster plots them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import dagster as dg

from crm_sync.crm.livres import Livre
from crm_sync.crm.rejets import Raison
from crm_sync.domain import phrases
from crm_sync.domain.francais import compte, heure, nombre
from crm_sync.source.client import Reponse

Metadonnees = dict[str, Any]

VISIBLE = 850
"""Characters of a list: Dagster hides a Markdown text of 1000 behind a click."""
TOUT = "Tout ce qui attend une personne : `crm-sync rejects`, `crm-sync duplicates`, `crm-sync removals`"
RAISONS, PAIRES, LIGNES = 5, 3, 30
"""How many reasons, pairs of records and sales reps are shown; the commands show them all."""
MEGA = 1_000_000
TITRES = {
    "recus": "Reçus de la source",
    "crees": "Créés dans le CRM",
    "modifies": "Modifiés dans le CRM",
    "inchanges": "Inchangés",
    "reunis": "Réunis à un autre",
    "rejets": "Mis de côté",
}
NON_ATTRIBUE = "Non attribué"


def compte_rendu(
    ce_qui_s_est_passe: str, a_faire: Iterable[str], duree_s: float, chiffres: Mapping[str, Any]
) -> Metadonnees:
    """Put a report together: the sentence, the list of what a person must do, and what else there is to show."""
    return {
        "Ce qui s'est passé": dg.MetadataValue.md(ce_qui_s_est_passe),
        "À faire": dg.MetadataValue.md(liste(list(a_faire)) or "Rien."),
        **chiffres,
        "Durée (secondes)": duree_s,
    }


def liste(lignes: Sequence[str]) -> str:
    """Write a list short enough to be shown at once; what does not fit is counted."""
    texte = ""
    for rang, ligne in enumerate(lignes):
        if len(texte) + len(ligne) > VISIBLE:
            return f"{texte}- … et {nombre(len(lignes) - rang)} de plus. {TOUT}"
        texte += f"- {ligne}\n"
    return texte


def tableau(colonnes: Sequence[str], lignes: Iterable[Sequence[str]], droite: int = 1) -> dg.MarkdownMetadataValue:
    """Draw a Markdown table, the last `droite` columns to the right."""
    alignement = ["---"] * (len(colonnes) - droite) + ["---:"] * droite
    textes = [" | ".join(ligne) for ligne in (colonnes, alignement, *lignes)]
    return dg.MetadataValue.md("\n".join(f"| {texte} |" for texte in textes))


def reponse_de_la_source(reponse: Reponse, prospects: int) -> dg.MarkdownMetadataValue:
    """Show what the endpoint answered: status, size, duration, number of prospects."""
    taille = "rien à renvoyer" if reponse.inchangee else f"{nombre(Decimal(len(reponse.corps)) / MEGA)} Mo"
    lignes = [
        ("Reçue le", heure(reponse.recue_le)),
        ("Code HTTP", "304 (rien de neuf)" if reponse.inchangee else "200"),
        ("Taille", taille),
        ("Durée", f"{nombre(Decimal(str(round(reponse.duree_s, 2))))} s"),
        ("Prospects", nombre(prospects)),
    ]
    return tableau(("", "réponse"), lignes)


def livres_en_tableau(livre: Livre) -> dg.MarkdownMetadataValue:
    """Show the books of one entity: received is the sum of the others."""
    lignes = [(TITRES[cle], nombre(valeur)) for cle, valeur in asdict(livre).items()]
    return tableau(("", "nombre"), lignes)


def chiffres_des_livres(livre: Livre) -> Metadonnees:
    """Give the books as numbers, which Dagster draws over time."""
    return {TITRES[cle]: valeur for cle, valeur in asdict(livre).items()}


def ecrits(livre: Livre) -> str:
    """Say in one sentence what became of what was received."""
    faits = [
        compte(combien, mot)
        for combien, mot in (
            (livre.crees, "créé"),
            (livre.modifies, "modifié"),
            (livre.inchanges, "inchangé"),
            (livre.reunis, "réuni"),
        )
        if combien
    ]
    ecartes = [f"{nombre(livre.rejets)} mis de côté"] if livre.rejets else []
    debut = "**Rien n'a changé dans le CRM.** " if not livre.crees + livre.modifies else ""
    return f"{debut}{compte(livre.recus, 'reçu')} : {', '.join(faits + ecartes) or 'rien à écrire'}."


def mis_de_cote(raisons: Sequence[Raison]) -> list[str]:
    """Say why nodes are put aside and what to do, one line per reason, the most frequent first."""
    lignes = [
        f"**{compte(raison.noeuds, 'élément')} mis de côté** depuis le {heure(raison.depuis)}. {raison.raison} {raison.que_faire}"
        for raison in raisons[:RAISONS]
    ]
    if len(raisons) > RAISONS:
        lignes.append(f"… et pour {nombre(len(raisons) - RAISONS)} autres raisons encore.")
    return [*lignes, "Lesquels exactement : `crm-sync rejects`"] if lignes else []


def doublons_a_decider(paires: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say how many pairs wait for a person."""
    if not paires:
        return []
    return [f"**{compte(len(paires), 'doublon possible')} à décider**. Les voir tous : `crm-sync duplicates`"]


def premiers_doublons(paires: Sequence[Mapping[str, Any]]) -> dg.MarkdownMetadataValue:
    """Show the first pairs that wait for a person, with the command for either answer."""
    lignes = []
    for paire in paires[:PAIRES]:
        a, b = paire["id_a"], paire["id_b"]
        lignes += [
            f"- {phrases.preuve(paire['preuve'])}",
            f"  - une personne : `crm-sync duplicates same {a} {b}`",
            f"  - deux : `crm-sync duplicates different {a} {b}`",
        ]
    return dg.MetadataValue.md("\n".join(lignes))


def conflits(combien: int, run_id: str) -> list[str]:
    """Say how many fields both sides had changed, and how to see what was lost."""
    if not combien:
        return []
    phrase = (
        f"**{compte(combien, 'conflit')}** : CRM et source avaient changé la même valeur, la plus récente reste. Voir ce qui a "
        f"été perdu : `crm-sync journal --run {run_id}` ; le remettre : `crm-sync journal restore NUMÉRO.champ`"
    )
    return [phrase]


def tableau_du_kpi(lignes: Sequence[Mapping[str, Any]], non_attribue: str | None) -> dg.MarkdownMetadataValue:
    """Show the KPI by the CRM ids of the sales reps, best first: both readings, amount, *Non attribué*, the total.

    Names stay in the CRM. Beyond `LIGNES` sales reps the others are one line, so that the total is always the sum.
    """
    reserve = [ligne for ligne in lignes if ligne["commercial_id"] == non_attribue]
    autres = [ligne for ligne in lignes if ligne["commercial_id"] != non_attribue]
    parties = [(f"`{ligne['commercial_id']}`", [ligne]) for ligne in autres[:LIGNES]]
    if reste := autres[LIGNES:]:
        parties.append((f"{compte(len(reste), 'autre')}", reste))
    parties += [(f"*{NON_ATTRIBUE}*", reserve), ("**Total**", list(lignes))]
    en_tete = ("commercial (identifiant du CRM)", "portefeuille", "vendus", "montant (€)")
    return tableau(en_tete, [(titre, *_sommes(siennes)) for titre, siennes in parties], droite=3)


def _sommes(lignes: Sequence[Mapping[str, Any]]) -> tuple[str, str, str]:
    montant = sum((ligne["montant_total"] for ligne in lignes), Decimal("0.00"))
    return (
        nombre(sum(ligne["nb_contrats"] for ligne in lignes)),
        nombre(sum(ligne["nb_vendus"] for ligne in lignes)),
        nombre(montant),
    )
