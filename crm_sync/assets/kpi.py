"""The last link: contracts per sales rep."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from crm_sync.assets import controles
from crm_sync.assets.compte_rendu import Metadonnees, compte_rendu, tableau_du_kpi
from crm_sync.assets.descriptions import ACTIFS, CONTROLES
from crm_sync.crm import kpi, livres
from crm_sync.crm.session import Session
from crm_sync.crm.snapshot import non_attribue
from crm_sync.domain.francais import compte, nombre
from crm_sync.resources import Synchro

NOM, TOTAL, ORPHELINS = "kpi_contrats_par_commercial", "total_egal_au_crm", "aucun_orphelin"
FRAICHEUR = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=6), warn_window=timedelta(hours=2))
"""Every hour by the schedule: after two the pages of the CRM say that the figures are old, after six somebody must look."""

REPARER = (
    "Ouvrir ces contrats dans le CRM et leur redonner un client et un commercial ; la synchronisation n'y touche pas."
)


@dg.asset(
    name=NOM,
    deps=["crm_commerciaux", "crm_contrats"],
    group_name="indicateurs",
    kinds={"postgres"},
    code_version="1",
    freshness_policy=FRAICHEUR,
    description=ACTIFS[NOM],
    check_specs=[
        dg.AssetCheckSpec(TOTAL, asset=NOM, description=CONTROLES[TOTAL], blocking=True),
        dg.AssetCheckSpec(ORPHELINS, asset=NOM, description=CONTROLES[ORPHELINS]),
    ],
)
def kpi_contrats_par_commercial(context: dg.AssetExecutionContext, synchro: Synchro) -> Iterator[dg.MaterializeResult]:
    """Replace both KPI tables."""
    with synchro.etape(context, "indicateurs") as session:
        totaux = kpi.recalculer(session.bases)
        total, orphelins = _total(totaux), _orphelins(livres.orphelins(session.bases))
        controles.noter(session, total)
        metadonnees = _compte_rendu(session, orphelins)
    yield dg.MaterializeResult(metadata=metadonnees, check_results=[total, orphelins])
    controles.arreter(context, total)


def _total(totaux: kpi.Totaux) -> dg.AssetCheckResult:
    passe = totaux.par_commercial == totaux.par_mois == totaux.contrats
    phrase = (
        f"{nombre(totaux.contrats)} contrats dans le CRM ; dans l'indicateur, {nombre(totaux.par_commercial)} par commercial et "
        f"{nombre(totaux.par_mois)} par mois."
    )
    chiffres = {
        "Contrats du CRM": totaux.contrats,
        "Par commercial": totaux.par_commercial,
        "Par mois": totaux.par_mois,
    }
    return controles.resultat(NOM, TOTAL, passe=passe, phrase=phrase, chiffres=chiffres)


def _orphelins(combien: int) -> dg.AssetCheckResult:
    phrase = (
        f"{compte(combien, 'contrat')} dont le client ou le commercial n'existe pas dans le CRM. {REPARER}"
        if combien
        else "Chaque contrat a un client et un commercial."
    )
    return controles.resultat(
        NOM,
        ORPHELINS,
        passe=not combien,
        phrase=phrase,
        severite=controles.AVERTISSEMENT,
        chiffres={"Contrats orphelins": combien},
    )


def _compte_rendu(session: Session, orphelins: dg.AssetCheckResult) -> Metadonnees:
    lignes, reserve = kpi.tableau(session.bases), non_attribue(session.bases)
    contrats = sum(ligne["nb_contrats"] for ligne in lignes)
    sans = sum(ligne["nb_contrats"] for ligne in lignes if ligne["commercial_id"] == reserve)
    a_faire = []
    if sans:
        a_faire.append(
            f"**{compte(sans, 'contrat')} sans commercial connu**, comptés à *Non attribué* : faire donner un commercial à ces "
            "prospects dans l'application source ; les contrats le rejoignent d'eux-mêmes."
        )
    if not orphelins.passed:
        a_faire.append(str(orphelins.description))
    phrase = (
        f"**{compte(contrats, 'contrat compté')}**, {nombre(len(lignes))} lignes, une par commercial et *Non attribué*."
    )
    return compte_rendu(
        phrase,
        a_faire,
        session.duree_etape_s,
        {
            "Contrats par commercial": tableau_du_kpi(lignes, reserve),
            "Contrats": contrats,
            "Contrats sans commercial": sans,
        },
    )
