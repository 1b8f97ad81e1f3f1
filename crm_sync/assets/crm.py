"""The third link: each entity decided and written to the CRM, in the order in which they need each other."""

from collections.abc import Sequence
from dataclasses import asdict

import dagster as dg

from crm_sync.crm import clients, commerciaux, contrats, livres, paiements
from crm_sync.crm.ecriture import Bilan, Etape
from crm_sync.crm.session import Session
from crm_sync.resources import Synchro

TITRES = {
    "recus": "reçus",
    "crees": "créés",
    "modifies": "modifiés",
    "inchanges": "inchangés",
    "reunis": "réunis",
    "rejets": "mis de côté",
}


def ecrire_entite(session: Session, etape: Etape) -> livres.Livre:
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


def _asset(nom: str, etape: Etape, deps: Sequence[str], description: str) -> dg.AssetsDefinition:
    @dg.asset(
        name=nom,
        deps=[etape.recus, *deps],
        group_name="crm",
        kinds={"postgres"},
        code_version="1",
        description=description,
        check_specs=[
            dg.AssetCheckSpec(
                "livres_equilibres",
                asset=nom,
                description="Reçus = créés + modifiés + inchangés + réunis + mis de côté.",
                blocking=True,
            )
        ],
    )
    def ecrire(context: dg.AssetExecutionContext, synchro: Synchro) -> dg.MaterializeResult:
        with synchro.etape(context, "écriture") as session:
            livre = ecrire_entite(session, etape)
            session.controler(f"{nom}/livres_equilibres", passe=livre.equilibre)
        return dg.MaterializeResult(
            metadata={
                **asdict(livre),
                **_a_regarder(session.bilans.get(etape.recus)),
                "duree_s": session.duree_etape_s,
                "bilan": dg.MetadataValue.md(tableau(livre)),
            },
            check_results=[
                dg.AssetCheckResult(check_name="livres_equilibres", passed=livre.equilibre, metadata=asdict(livre))
            ],
        )

    return ecrire


def _a_regarder(bilan: Bilan | None) -> dict[str, int]:
    """Count what a stage decided that a person may want to look at; nothing where it had nothing to do."""
    bilan = bilan or Bilan()
    return {"conflits": bilan.conflits, "doublons_possibles": bilan.doublons, "plus_anciens": bilan.anciennes}


def tableau(livre: livres.Livre) -> str:
    """Show the books as a small Markdown table."""
    lignes = "\n".join(f"| {TITRES[cle]} | {nombre} |" for cle, nombre in asdict(livre).items())
    return f"| | nombre |\n|---|---:|\n{lignes}"


crm_commerciaux = _asset(
    "crm_commerciaux",
    commerciaux.ETAPE,
    ["contrats"],
    "Commerciaux dans le CRM : utilisateur (inactif, sans mot de passe) et apporteur, trouvés par e-mail ou créés.",
)
crm_clients = _asset(
    "crm_clients",
    clients.ETAPE,
    [],
    "Clients dans le CRM : reliés, trouvés par contrat, par e-mail et prénom ou par téléphone et nom, sinon créés ; champ par "
    "champ, la valeur la plus récente gagne, et ce qui pourrait être un doublon est signalé.",
)
crm_contrats = _asset(
    "crm_contrats",
    contrats.ETAPE,
    ["crm_clients", "crm_commerciaux"],
    "Contrats dans le CRM, trouvés par référence, avec leur client et leur commercial.",
)
crm_informations_paiement = _asset(
    "crm_informations_paiement",
    paiements.ETAPE,
    ["crm_clients"],
    "IBAN et BIC des clients dans le CRM ; jamais montrés dans Dagster.",
)
