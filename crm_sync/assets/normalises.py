"""The second link: what each prospect says, in four tables, and what cannot be used, put aside."""

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg

from crm_sync.crm import livres, normalises
from crm_sync.crm.session import Session
from crm_sync.domain.flatten import REGLES
from crm_sync.resources import Synchro
from crm_sync.source.lecture import lire_charge

CHIFFRES = 5
"""From so many digits on, a word may be a number that is nobody's business."""

DESCRIPTIONS = {
    "commerciaux": "Les commerciaux de la source (une copie par prospect), état présent.",
    "clients": "Les prospects de la source comme clients possibles, avec leurs clés de comparaison, état présent.",
    "contrats": "Les contrats de la source, état présent ; une ligne par prospect et référence.",
    "informations_paiement": "Les IBAN et BIC valides de la source, état présent.",
}


def normaliser(session: Session) -> normalises.Bilan:
    """Bring the normalised tables to the last answer; nothing to do where the chain is at rest."""
    if session.au_repos:
        return normalises.Bilan()
    bilan = _montrable(normalises.normaliser(session.bases.connexion("sync"), lire_charge))
    session.avertissements += _avertissements(bilan)
    return bilan


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            nom,
            deps=["prospects_bruts"],
            group_name="normalisation",
            kinds={"python", "postgres"},
            code_version=REGLES,
            description=description,
        )
        for nom, description in DESCRIPTIONS.items()
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "rien_de_perdu",
            asset="clients",
            description="Chaque prospect stocké est normalisé ou mis de côté.",
            blocking=True,
        ),
        dg.AssetCheckSpec(
            "source_comprise",
            asset="contrats",
            description="La source n'envoie ni clé ni statut que l'on ne connaisse pas (avertissement).",
        ),
    ],
    can_subset=True,
)
def normalisation(
    context: dg.AssetExecutionContext, synchro: Synchro
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Read again the prospects that changed; the four tables are one reading, whichever is asked for."""
    with synchro.etape(context, "rapprochement") as session:
        bilan = normaliser(session)
        recus, _, lus = livres.bruts(session.bases)
        session.controler("clients/rien_de_perdu", passe=recus == lus)
    for nom in DESCRIPTIONS:
        if dg.AssetKey(nom) in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=nom,
                metadata={
                    "prospects_relus": bilan.lus,
                    "mis_de_cote": bilan.mis_de_cote,
                    "prospects_absents": bilan.absents,
                    "duree_s": session.duree_etape_s,
                },
            )
    if dg.AssetCheckKey(dg.AssetKey("clients"), "rien_de_perdu") in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key="clients",
            check_name="rien_de_perdu",
            passed=recus == lus,
            metadata={"recus": recus, "normalises": lus},
        )
    if dg.AssetCheckKey(dg.AssetKey("contrats"), "source_comprise") in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key="contrats",
            check_name="source_comprise",
            passed=not bilan.cles_inconnues and not bilan.statuts_inconnus,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "cles_inconnues": ", ".join(bilan.cles_inconnues) or "aucune",
                "statuts_inconnus": len(bilan.statuts_inconnus),
            },
        )


def _montrable(bilan: normalises.Bilan) -> normalises.Bilan:
    """Hide the keys and status words that hold an address or a number: somebody may have typed an IBAN there."""

    def mot(texte: str) -> str:
        return "(masqué)" if "@" in texte or sum(map(str.isdigit, texte)) >= CHIFFRES else texte[:40]

    cles = (cle.partition(".") for cle in bilan.cles_inconnues)
    return replace(
        bilan,
        cles_inconnues=tuple(sorted({f"{modele}.{mot(cle)}" for modele, _, cle in cles})),
        statuts_inconnus=tuple(sorted(map(mot, bilan.statuts_inconnus))),
    )


def _avertissements(bilan: normalises.Bilan) -> list[str]:
    textes = []
    if bilan.cles_inconnues:
        textes.append(
            f"La source envoie des clés inconnues, gardées telles quelles : {', '.join(bilan.cles_inconnues)}."
        )
    if bilan.statuts_inconnus:
        mots = ", ".join(f"« {mot} »" for mot in dict.fromkeys(bilan.statuts_inconnus))
        textes.append(f"Statuts de contrat inconnus, comptés dans « autre » : {mots}. Les ajouter à statuts.toml.")
    if bilan.horloges_en_avance:
        textes.append(
            f"{bilan.horloges_en_avance} éléments de la source portent une date de modification dans le futur ; "
            "elle est ramenée à l'heure de réception. Faire régler l'horloge de l'application source."
        )
    if bilan.absents:
        textes.append(f"{bilan.absents} prospects connus manquent dans la réponse ; rien n'est supprimé dans le CRM.")
    return textes
