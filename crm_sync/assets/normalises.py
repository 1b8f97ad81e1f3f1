"""The second link: what each prospect says, in four tables, and what cannot be used, put aside."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import dagster as dg

from crm_sync.assets import controles
from crm_sync.assets.compte_rendu import Metadonnees, compte_rendu, mis_de_cote
from crm_sync.assets.descriptions import ACTIFS, CONTROLES
from crm_sync.crm import disparition, livres, normalises, rejets
from crm_sync.crm.session import Session
from crm_sync.domain.disparition import Seuils
from crm_sync.domain.flatten import REGLES
from crm_sync.domain.francais import compte, nombre
from crm_sync.resources import Synchro
from crm_sync.settings import load_settings
from crm_sync.source.lecteur import Lecteur

ENTITES = {"client": "prospects", "contrat": "contrats", "information_paiement": "coordonnées bancaires"}
CHIFFRES = 5
"""From so many digits on, a word may be a number that is nobody's business."""

NOMS = ("commerciaux", "clients", "contrats", "informations_paiement")
RIEN_DE_PERDU, COMPRISE, RETENUE = "rien_de_perdu", "source_comprise", "aucune_disparition_retenue"


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
            description=ACTIFS[nom],
        )
        for nom in NOMS
    ],
    check_specs=[
        dg.AssetCheckSpec(nom, asset=actif, description=CONTROLES[f"{actif}/{nom}"], blocking=nom == RIEN_DE_PERDU)
        for actif, nom in (("clients", RIEN_DE_PERDU), ("contrats", COMPRISE), ("clients", RETENUE))
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
        perdu = _rien_de_perdu(recus, lus)
        controles.noter(session, perdu)
        metadonnees = {
            nom: _compte_rendu(session, nom, bilan) for nom in NOMS if dg.AssetKey(nom) in context.selected_asset_keys
        }
    for nom, siennes in metadonnees.items():
        yield dg.MaterializeResult(asset_key=nom, metadata=siennes)
    for controle in (perdu, _comprise(bilan), _retenue(session.disparition)):
        if controles.cle(controle) in context.selected_asset_check_keys:
            yield controle
    controles.arreter(context, perdu)


def _rien_de_perdu(recus: int, lus: int) -> dg.AssetCheckResult:
    phrase = f"{compte(recus, 'prospect reçu')}, {compte(lus, 'lu')} ou mis de côté."
    return controles.resultat(
        "clients", RIEN_DE_PERDU, passe=recus == lus, phrase=phrase, chiffres={"Reçus": recus, "Lus": lus}
    )


def _comprise(bilan: normalises.Bilan) -> dg.AssetCheckResult:
    inconnus = [*bilan.cles_inconnues, *dict.fromkeys(bilan.statuts_inconnus)]
    phrase = " ".join(_avertissements(bilan)) if inconnus else "Toutes les clés et tous les statuts reçus sont connus."
    return controles.resultat(
        "contrats",
        COMPRISE,
        passe=not inconnus,
        phrase=phrase,
        severite=controles.AVERTISSEMENT,
        chiffres={"Inconnus": len(inconnus)},
    )


def _retenue(constat: disparition.Constat) -> dg.AssetCheckResult:
    passe = not constat.retenus
    phrase = "Rien n'est retenu." if passe else " ".join(_retraits(constat))
    chiffres = {"Retraits retenus": constat.retenus}
    return controles.resultat(
        "clients", RETENUE, passe=passe, phrase=phrase, severite=controles.AVERTISSEMENT, chiffres=chiffres
    )


def _compte_rendu(session: Session, nom: str, bilan: normalises.Bilan) -> Metadonnees:
    """Say what was read of one of the four tables, and what waits for a person."""
    recus, constat = livres.recus(session.bases).get(nom), session.disparition
    ecartes = rejets.par_raison(session.bases, nom, a_la_lecture=True)
    a_faire = mis_de_cote(ecartes)
    ecartes_en_tout = sum(raison.noeuds for raison in ecartes)
    chiffres: Metadonnees = {"Mis de côté": ecartes_en_tout, "Prospects relus": bilan.lus}
    if recus is not None:
        chiffres = {"Reçus": recus} | chiffres
    if nom == "contrats":
        a_faire = [*_avertissements(bilan), *a_faire]
    if nom == "clients":
        a_faire = [*_a_decider(constat), *a_faire]
        chiffres |= {"Marqués disparus": constat.nombre_disparus, "Retraits retenus": constat.retenus}
    relus = f"{compte(bilan.lus, 'prospect relu')}" if bilan.lus else "Rien n'était à relire"
    en_tout = f" {nombre(recus)} reçus en tout, {nombre(ecartes_en_tout)} mis de côté." if recus is not None else ""
    phrase = f"**{relus}.**{en_tout}"
    return compte_rendu(phrase, a_faire, session.duree_etape_s, chiffres)


def _a_decider(constat: disparition.Constat) -> list[str]:
    """Say what became of what the answer lacks, with the commands."""
    phrases = _retraits(constat)
    if constat.retenus:
        phrases.append(
            "Vérifier l'application source. Si ces retraits sont voulus : `crm-sync removals approve`, puis `crm-sync sync`. "
            "Sinon, ne rien faire : ils s'effacent d'eux-mêmes à la prochaine réponse complète."
        )
    return phrases


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
