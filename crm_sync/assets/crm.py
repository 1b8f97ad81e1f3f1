"""The third link: each entity decided and written to the CRM, in the order in which they need each other."""

from collections.abc import Iterator, Sequence

import dagster as dg

from crm_sync.assets import controles
from crm_sync.assets.compte_rendu import (
    Metadonnees,
    chiffres_des_livres,
    compte_rendu,
    conflits,
    doublons_a_decider,
    ecrits,
    livres_en_tableau,
    mis_de_cote,
    premiers_doublons,
)
from crm_sync.assets.descriptions import ACTIFS, CONTROLES
from crm_sync.crm import clients, commerciaux, contrats, doublons, paiements, rejets
from crm_sync.crm.ecriture import Bilan, Etape
from crm_sync.crm.livres import Livre
from crm_sync.crm.session import Session
from crm_sync.resources import Synchro

EQUILIBRE = "livres_equilibres"


def ecrire_entite(session: Session, etape: Etape) -> Livre:
    """Write one entity and draw up its books.

    Raises:
        WriteError, DatabaseUnavailableError: what is written stays, the rest waits.
    """
    if livre := session.livre_au_repos(etape.recus):
        return livre
    bilan = session.bilans[etape.recus] = etape.synchroniser(session.contexte)
    livre = session.livre(etape.recus)
    if bilan.a_reprendre:
        session.avertissements.append(
            f"{bilan.a_reprendre} lignes ({etape.recus}) changeaient pendant la synchronisation ; elles seront reprises."
        )
    if bilan.doublons:
        combien = (
            "1 doublon possible signalé" if bilan.doublons == 1 else f"{bilan.doublons} doublons possibles signalés"
        )
        session.avertissements.append(f"{combien} : « crm-sync duplicates » les montre et dit que faire.")
    if bilan.anciennes:
        session.avertissements.append(
            f"{bilan.anciennes} éléments ({etape.recus}) sont plus anciens que ce qui était déjà appliqué ; rien n'en est repris."
        )
    session.avertissements += bilan.avertissements
    return livre


def _asset(nom: str, etape: Etape, *deps: str) -> dg.AssetsDefinition:
    @dg.asset(
        name=nom,
        deps=[etape.recus, *deps],
        group_name="crm",
        kinds={"postgres"},
        code_version="1",
        description=ACTIFS[nom],
        check_specs=[dg.AssetCheckSpec(EQUILIBRE, asset=nom, description=CONTROLES[EQUILIBRE], blocking=True)],
    )
    def ecrire(context: dg.AssetExecutionContext, synchro: Synchro) -> Iterator[dg.MaterializeResult]:
        with synchro.etape(context, "écriture") as session:
            dits = len(session.avertissements)
            livre = ecrire_entite(session, etape)
            controle = _equilibre(nom, livre)
            controles.noter(session, controle)
            metadonnees = _compte_rendu(session, etape, livre, session.avertissements[dits:])
        yield dg.MaterializeResult(metadata=metadonnees, check_results=[controle])
        controles.arreter(context, controle)

    return ecrire


def _equilibre(nom: str, livre: Livre) -> dg.AssetCheckResult:
    phrase = "Les comptes sont justes." if livre.equilibre else "Les comptes ne sont pas justes."
    somme = f"{ecrits(livre)} {phrase}"
    return controles.resultat(nom, EQUILIBRE, passe=livre.equilibre, phrase=somme, chiffres=chiffres_des_livres(livre))


def _compte_rendu(session: Session, etape: Etape, livre: Livre, avertissements: Sequence[str]) -> Metadonnees:
    """Say what the stage did and what waits for a person; reads what waits, never what it wrote."""
    bilan = session.bilans.get(etape.recus) or Bilan()
    a_decider = doublons.lister(session.bases) if etape is clients.ETAPE else []
    a_faire = [
        *(avertissement for avertissement in avertissements if "crm-sync duplicates" not in avertissement),
        *mis_de_cote(rejets.par_raison(session.bases, etape.recus, a_la_lecture=False)),
        *doublons_a_decider(a_decider),
        *conflits(bilan.conflits, session.synchronisation_id),
    ]
    chiffres = {"Comptes": livres_en_tableau(livre), **chiffres_des_livres(livre), "Conflits": bilan.conflits}
    if etape is clients.ETAPE:
        chiffres["Doublons à décider"] = len(a_decider)
    if a_decider:
        chiffres = {"Premiers doublons à décider": premiers_doublons(a_decider)} | chiffres
    return compte_rendu(ecrits(livre), a_faire, session.duree_etape_s, chiffres)


crm_commerciaux = _asset("crm_commerciaux", commerciaux.ETAPE, "contrats")
crm_clients = _asset("crm_clients", clients.ETAPE)
crm_contrats = _asset("crm_contrats", contrats.ETAPE, "crm_clients", "crm_commerciaux")
crm_informations_paiement = _asset("crm_informations_paiement", paiements.ETAPE, "crm_clients")
