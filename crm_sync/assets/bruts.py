"""The first link: the source's answer, kept as received."""

from hashlib import sha256

import dagster as dg

from crm_sync.crm import bruts, livres
from crm_sync.crm.session import LECTURE, Session
from crm_sync.resources import Source, Synchro
from crm_sync.source.client import Endpoint
from crm_sync.source.lecteur import Lecteur
from crm_sync.source.lecture import decouper, identifiant_strict
from crm_sync.source.rapport import Echantillon


def lire_source(session: Session, endpoint: Endpoint, nouveaux: Echantillon | None = None) -> bruts.Constat:
    """Fetch the endpoint's answer and store what is new of it; `nouveaux` gathers some of that for the report.

    Raises:
        SourceError, ConfigurationError: nothing was stored.
    """
    connexion = session.bases.connexion("sync")
    precedente = bruts.derniere_reponse(connexion)
    reponse = endpoint.lire(precedente.etag if precedente else None)
    if precedente and reponse.inchangee:
        return bruts.enregistrer_inchangee(connexion, reponse.recue_le, precedente)

    def identifiant(charge: bytes) -> str | None:
        id_prospect = identifiant_strict(charge)
        if nouveaux is not None:
            nouveaux.ajouter(id_prospect, charge)
        return id_prospect

    if nouveaux is not None:
        nouveaux.recue_le = reponse.recue_le
    corps_sha256 = sha256(reponse.corps).digest()
    if precedente and corps_sha256 == precedente.corps_sha256:
        return bruts.enregistrer_inchangee(connexion, reponse.recue_le, precedente)
    session.lecteur = Lecteur()  # started here, so that it is ready when the next stage wants it
    return bruts.enregistrer(
        connexion,
        recue_le=reponse.recue_le,
        corps_sha256=corps_sha256,
        octets=len(reponse.corps),
        etag=reponse.etag,
        elements=[memoryview(element) for element in decouper(reponse.corps)],
        identifiant=identifiant,
        annoncer=session.lecteur.annoncer,
    )


@dg.asset(
    group_name="source",
    kinds={"json", "postgres"},
    code_version="1",
    description="La réponse de la source, gardée telle que reçue avant toute interprétation "
    "(table crm_sync.prospect_brut, une version par contenu distinct).",
    check_specs=[
        dg.AssetCheckSpec(
            "rien_de_perdu",
            asset="prospects_bruts",
            description="Chaque élément de la réponse acceptée est stocké.",
            blocking=True,
        )
    ],
)
def prospects_bruts(context: dg.AssetExecutionContext, source: Source, synchro: Synchro) -> dg.MaterializeResult:
    """Fetch and store."""
    with synchro.etape(context, LECTURE) as session:
        nouveaux = Echantillon()
        constat = lire_source(session, source.endpoint(), nouveaux)
        session.noter_reponse(constat.reponse_id)
        recus, stockes, _ = livres.bruts(session.bases)
        session.controler("prospects_bruts/rien_de_perdu", passe=recus == stockes)
        rapport = nouveaux.resume()
    return dg.MaterializeResult(
        metadata={
            "recus": constat.recus,
            "nouveaux_ou_changes": constat.nouveaux,
            "revenus": constat.revenus,
            "absents": constat.absents,
            "inchanges": constat.inchanges,
            "rapport": dg.MetadataValue.md(rapport),
            "duree_s": session.duree_etape_s,
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="rien_de_perdu",
                passed=recus == stockes,
                metadata={"recus": recus, "stockes": stockes},
            )
        ],
    )
