"""The first link: the source's answer, kept as received."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import dagster as dg

from crm_sync.assets import controles
from crm_sync.assets.compte_rendu import Metadonnees, compte_rendu, reponse_de_la_source
from crm_sync.assets.descriptions import ACTIFS, CONTROLES
from crm_sync.crm import bruts, livres
from crm_sync.crm.session import LECTURE, Session
from crm_sync.domain.francais import compte, nombre
from crm_sync.resources import Source, Synchro
from crm_sync.source.client import Endpoint
from crm_sync.source.lecteur import Lecteur
from crm_sync.source.lecture import decouper, identifiant_strict
from crm_sync.source.rapport import Echantillon

NOM, RIEN_DE_PERDU = "prospects_bruts", "rien_de_perdu"


def lire_source(session: Session, endpoint: Endpoint, nouveaux: Echantillon | None = None) -> bruts.Constat:
    """Fetch the endpoint's answer and store what is new of it; `nouveaux` gathers the answer and some of that for the report.

    Raises:
        SourceError, ConfigurationError: nothing was stored.
    """
    connexion = session.bases.connexion("sync")
    precedente = bruts.derniere_reponse(connexion)
    reponse = endpoint.lire(precedente.etag if precedente else None)
    if nouveaux is not None:
        nouveaux.reponse = reponse
    if precedente and reponse.inchangee:
        return bruts.enregistrer_inchangee(connexion, reponse.recue_le, precedente)

    def identifiant(charge: bytes) -> str | None:
        id_prospect = identifiant_strict(charge)
        if nouveaux is not None:
            nouveaux.ajouter(id_prospect, charge)
        return id_prospect

    octets = len(reponse.corps)
    with ThreadPoolExecutor(1, thread_name_prefix="crm_sync-sha256") as fil:
        corps_sha256 = fil.submit(lambda: sha256(reponse.corps).digest())
        # A body of another length is another one: its hash is made beside what follows.
        if precedente and octets == precedente.octets and corps_sha256.result() == precedente.corps_sha256:
            return bruts.enregistrer_inchangee(connexion, reponse.recue_le, precedente)
        if nouveaux is not None:
            nouveaux.corps_neuf = True
        session.lecteur = Lecteur()  # started here, so that it is ready when the next stage wants it
        return bruts.enregistrer(
            connexion,
            recue_le=reponse.recue_le,
            corps_sha256=corps_sha256,
            octets=octets,
            etag=reponse.etag,
            elements=[memoryview(element) for element in decouper(reponse.corps)],
            identifiant=identifiant,
            annoncer=session.lecteur.annoncer,
        )


@dg.asset(
    group_name="source",
    kinds={"json", "postgres"},
    code_version="1",
    description=ACTIFS[NOM],
    check_specs=[
        dg.AssetCheckSpec(RIEN_DE_PERDU, asset=NOM, description=CONTROLES[f"{NOM}/{RIEN_DE_PERDU}"], blocking=True)
    ],
)
def prospects_bruts(
    context: dg.AssetExecutionContext, source: Source, synchro: Synchro
) -> Iterator[dg.MaterializeResult]:
    """Fetch and store."""
    with synchro.etape(context, LECTURE) as session:
        nouveaux = Echantillon()
        constat = lire_source(session, source.endpoint(), nouveaux)
        session.noter_reponse(constat.reponse_id)
        controle = _rien_de_perdu(*livres.bruts(session.bases)[:2])
        controles.noter(session, controle)
        metadonnees = _compte_rendu(constat, nouveaux, session.duree_etape_s)
    yield dg.MaterializeResult(metadata=metadonnees, check_results=[controle])
    controles.arreter(context, controle)


def _rien_de_perdu(recus: int, stockes: int) -> dg.AssetCheckResult:
    phrase = f"{compte(recus, 'prospect reçu')}, {compte(stockes, 'stocké')}."
    return controles.resultat(
        NOM, RIEN_DE_PERDU, passe=recus == stockes, phrase=phrase, chiffres={"Reçus": recus, "Stockés": stockes}
    )


def _compte_rendu(constat: bruts.Constat, nouveaux: Echantillon, duree_s: float) -> Metadonnees:
    rapport = nouveaux.rapport()
    a_corriger = len(rapport.a_corriger) if rapport else 0
    a_faire = []
    if a_corriger:
        a_faire.append(
            f"**{compte(a_corriger, 'constat')} à corriger dans la source** : `crm-sync source check > rapport.md` en fait le "
            "rapport complet, à envoyer tel quel au collègue qui la tient. Rien ne presse : le reste est déjà dans le CRM."
        )
    if nouveaux.reponse is None:  # lire_source did not come that far
        return {}
    return compte_rendu(
        _phrase(constat, nouveaux),
        a_faire,
        duree_s,
        {
            "Réponse de la source": reponse_de_la_source(nouveaux.reponse, constat.recus),
            "Rapport sur ce qui est nouveau": dg.MetadataValue.md(nouveaux.resume(rapport)),
            "Prospects reçus": constat.recus,
            "Nouveaux ou changés": constat.recus - constat.inchanges,
            "Inchangés": constat.inchanges,
            "Contenus d'avant, remplacés ou partis": constat.absents,
        },
    )


def _phrase(constat: bruts.Constat, nouveaux: Echantillon) -> str:
    if nouveaux.reponse and nouveaux.reponse.inchangee:
        return f"La source répond que **rien n'a changé** : {compte(constat.recus, 'prospect')}, les mêmes qu'avant."
    if not nouveaux.corps_neuf:
        return f"La source a envoyé **la même réponse** que la fois d'avant : {compte(constat.recus, 'prospect')}."
    neufs = constat.recus - constat.inchanges
    return (
        f"**{compte(constat.recus, 'prospect reçu')}** : {nombre(neufs)} nouveaux ou changés, "
        f"{compte(constat.inchanges, 'inchangé')}."
    )
