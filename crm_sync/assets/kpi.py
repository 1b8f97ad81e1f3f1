"""The last link: contracts per sales rep."""

import dagster as dg

from crm_sync.crm import kpi, livres
from crm_sync.resources import Synchro


@dg.asset(
    deps=["crm_commerciaux", "crm_contrats"],
    group_name="indicateurs",
    kinds={"postgres"},
    code_version="1",
    description="Nombre et montant de contrats par commercial (portefeuille et vendu par), et par mois de signature ; "
    "compte tous les contrats du CRM, aussi ceux qu'aucune synchronisation n'a apportés.",
    check_specs=[
        dg.AssetCheckSpec(
            "total_egal_au_crm",
            asset="kpi_contrats_par_commercial",
            description="La somme des contrats de l'indicateur est le nombre de contrats du CRM.",
        ),
        dg.AssetCheckSpec(
            "aucun_orphelin",
            asset="kpi_contrats_par_commercial",
            description="Aucun contrat sans client ni commercial (avertissement : le CRM peut en avoir d'avant).",
        ),
    ],
)
def kpi_contrats_par_commercial(context: dg.AssetExecutionContext, synchro: Synchro) -> dg.MaterializeResult:
    """Replace both KPI tables."""
    with synchro.etape(context, "indicateurs") as session:
        par_commercial, par_mois, contrats = kpi.recalculer(session.bases)
        orphelins = livres.orphelins(session.bases)
        lignes = kpi.tableau(session.bases)
    return dg.MaterializeResult(
        metadata={
            "commerciaux": len(lignes),
            "contrats": contrats,
            "duree_s": session.duree_etape_s,
            "premiers": dg.MetadataValue.md(_tableau([int(ligne["nb_contrats"]) for ligne in lignes])),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="total_egal_au_crm",
                passed=par_commercial == par_mois == contrats,
                metadata={"par_commercial": par_commercial, "par_mois": par_mois, "contrats": contrats},
            ),
            dg.AssetCheckResult(
                check_name="aucun_orphelin",
                passed=orphelins == 0,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"orphelins": orphelins},
            ),
        ],
    )


def _tableau(contrats: list[int]) -> str:
    """Show the largest portfolios by rank; names stay in the CRM."""
    rangs = "\n".join(f"| {rang} | {nombre} |" for rang, nombre in enumerate(contrats[:10], 1))
    return f"| rang | contrats |\n|---:|---:|\n{rangs}"
