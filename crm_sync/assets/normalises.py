"""The second link: what each prospect says, in four tables, and what cannot be used, put aside."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import dagster as dg

from crm_sync.crm import disparition, livres, normalises
from crm_sync.crm.session import Session
from crm_sync.domain.disparition import Seuils
from crm_sync.domain.flatten import REGLES
from crm_sync.resources import Synchro
from crm_sync.settings import load_settings
from crm_sync.source.lecteur import Lecteur

ENTITES = {"client": "prospects", "contrat": "contrats", "information_paiement": "coordonnées bancaires"}
CHIFFRES = 5
"""From so many digits on, a word may be a number that is nobody's business."""

DESCRIPTIONS = {
    "commerciaux": "Les commerciaux de la source (une copie par prospect), état présent.",
    "clients": "Les prospects de la source comme clients possibles, avec leurs clés de comparaison, état présent.",
    "contrats": "Les contrats de la source, état présent ; une ligne par prospect et référence.",
    "informations_paiement": "Les IBAN et BIC valides de la source, état présent.",
}


def normaliser(session: Session) -> normalises.Bilan:
    """Bring the normalised tables to the last answer, nothing to do at rest, and judge what that answer lacks.

    Raises:
        ConfigurationError: a threshold in the environment cannot be read.
    """
    bilan = normalises.Bilan()
    if not session.au_repos:
        with closing(session.lecteur or Lecteur()) as lecteur:
            bilan = _montrable(normalises.normaliser(session.bases.connexion("sync"), lecteur))
    reglages = load_settings()
    seuils = Seuils(reglages.crm_sync_disparition_heures, reglages.crm_sync_disparition_reponses)
    session.disparition = disparition.constater(session.bases.connexion("sync"), seuils)
    session.avertissements += [*_avertissements(bilan), *_retraits(session.disparition)]
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
        dg.AssetCheckSpec(
            "aucune_disparition_retenue",
            asset="clients",
            description="La dernière réponse est complète : ce qu'elle n'a plus est compté (avertissement).",
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
        absences = session.disparition
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
                    "disparus": absences.nombre_disparus,
                    "retraits_en_attente": absences.retenus,
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
    if dg.AssetCheckKey(dg.AssetKey("clients"), "aucune_disparition_retenue") in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key="clients",
            check_name="aucune_disparition_retenue",
            passed=not absences.retenus,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"retraits_en_attente": absences.retenus, "que_faire": "crm-sync removals"},
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
    if bilan.contrats_d_un_autre:
        textes.append(
            f"Contrats qui nomment un autre prospect que celui qui les porte : {bilan.contrats_d_un_autre}. Ils restent à celui "
            "qui les porte. « crm-sync source check » dit où ; faire vérifier dans l'application source."
        )
    return textes


def _retraits(constat: disparition.Constat) -> list[str]:
    """Warn of what is withheld, with the approval that is too small for it, and of what is marked now."""
    textes = []
    if constat.retenus:
        petite = (
            f" L'approbation de {constat.insuffisante} n'y suffit pas et reste ouverte."
            if constat.insuffisante is not None
            else ""
        )
        textes.append(
            f"La réponse est incomplète : {constat.retenus} éléments connus y manquent et sont retenus ; rien n'est marqué "
            f"ni supprimé.{petite} « crm-sync removals » dit lesquels et que faire."
        )
    if constat.disparus:
        detail = ", ".join(f"{nombre} {ENTITES[entite]}" for entite, nombre in constat.disparus)
        textes.append(
            f"Marqués disparus de la source : {detail}. Rien n'est supprimé dans le CRM ; « crm-sync removals » les liste."
        )
    return textes
