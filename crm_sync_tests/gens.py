"""Invented people in the endpoint's shape, and one pass of the stages over them: what the scenarios are told with.

Phones are of the range that ARCEP keeps for fiction, IBANs those of the standard's own examples.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql

from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.crm.session import Session
from crm_sync.embedded import ServeurEmbarque
from crm_sync.source.client import Endpoint
from crm_sync_tests.conftest import MODELE, Base
from crm_sync_tests.synchro import enchainer

IBANS = (
    "FR1420041010050500013M02606",
    "FR7630006000011234567890189",
    "DE89370400440532013000",
    "BE68539007547034",
    "ES9121000418450200051332",
    "NL91ABNA0417164300",
)
BIC = "BNPAFRPPXXX"
TABLES_CRM: dict[str, Service] = {
    "service_core.utilisateur": "core",
    "service_core.client_base": "core",
    "service_commercial.apporteur": "commercial",
    "service_commercial.contrat": "commercial",
    "service_finance.information_paiement_bancaire": "finance",
}


def contrat(reference: str | None, **autres: Any) -> dict[str, Any]:
    """Give a validated contract of 29.90 €."""
    return {
        "titre": reference,
        "statut": "Validé",
        "montant": "29.9",
        "dateSignature": "2025-01-15T10:00:00.000Z",
        **autres,
    }


def commercial(qui: str, **autres: Any) -> dict[str, Any]:
    """Give a sales rep known by their name."""
    return {"id": f"user-{qui}", "nom": qui, "prenom": "Camille", "email": f"{qui.lower()}@ventes.example", **autres}


def prospect(numero: int, *contrats: dict[str, Any], **autres: Any) -> dict[str, Any]:
    """Give prospect `numero`, with contract `R<numero>` where none is given, and bank details of its own."""
    return {
        "idProspect": numero,
        "nom": f"Nom{chr(65 + numero % 26)}",
        "prenom": f"Prenom{chr(65 + numero % 26)}",
        "email": f"personne{numero}@exemple.example.org",
        "telephone": f"06399800{numero:02d}",
        "commercial": commercial("Martin"),
        "Souscription": [{"offre": {"nom": "Fibre"}, "contrats": list(contrats) or [contrat(f"R{numero}")]}],
        "informationsPaiement": [{"IBAN": IBANS[numero % len(IBANS)], "BIC": BIC}],
        "identityCard": None,
        **autres,
    }


def lecture(*prospects: Any) -> Endpoint:
    """Give an endpoint that answers with these prospects, without a network; what is not ASCII comes as `\\u` escapes."""
    corps = json.dumps(prospects).encode()
    return Endpoint(
        "http://source.example/", transport=httpx.MockTransport(lambda _: httpx.Response(200, content=corps))
    )


def passer(base: Base, *prospects: Any, sync: str | None = None) -> Session:
    """Run the stages of one sync over these prospects."""
    return enchainer(base.bases(), lecture(*prospects), sync or str(uuid4()))


@contextmanager
def base_neuve(postgres: ServeurEmbarque, modele: str = MODELE) -> Iterator[Base]:
    """Make a database from the migrated template (or another), where the fixture `base` is one too few."""
    nom = f"essai_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.url("outils"), autocommit=True) as outils:
        outils.execute(sql.SQL("create database {} template {}").format(sql.Identifier(nom), sql.Identifier(modele)))
        yield Base(postgres.url(nom))
        outils.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(nom)))


def comptes(base: Base, session: Session) -> Mapping[str, Any]:
    """Give the result that a sync wrote."""
    resultat: Mapping[str, Any] = base.valeur(
        "select comptes from crm_sync.synchronisation where synchronisation_id = %s", session.synchronisation_id
    )
    return resultat


def etat_crm(urls: Mapping[Service, str]) -> dict[str, list[tuple[str, ...]]]:
    """Give what the CRM says, without ids and times: its rows with links spelt out, equal for two CRMs that agree.

    `urls` by service: one database or four.
    """
    noms = {"personne": {}, "apporteur": {}, "utilisateur": {}}
    lignes: dict[str, list[dict[str, Any]]] = {}
    with Bases({service: urls[service] for service in SERVICES}) as bases:
        for table, service in TABLES_CRM.items():
            contenu = bases.connexion(service).execute(f"select to_jsonb(t) from {table} as t").fetchall()  # noqa: S608
            lignes[table] = [ligne[0] for ligne in contenu]
    for genre, table in (
        ("personne", "service_core.client_base"),
        ("apporteur", "service_commercial.apporteur"),
        ("utilisateur", "service_core.utilisateur"),
    ):
        noms[genre] = {ligne["id"]: f"{ligne['nom']} {ligne['prenom']} {ligne['email']}" for ligne in lignes[table]}
    liens = {"client_id": "personne", "commercial_id": "apporteur", "utilisateur_id": "utilisateur"}
    tout: dict[str, list[tuple[str, ...]]] = {}
    for table, contenu in lignes.items():
        tout[table] = sorted(
            tuple(
                f"{colonne}={noms[liens[colonne]].get(valeur, valeur) if colonne in liens else valeur}"
                for colonne, valeur in sorted(ligne.items())
                if colonne not in {"id", "created_at", "updated_at"}
            )
            for ligne in contenu
        )
    return tout


def une_base(url: str) -> dict[Service, str]:
    """Give the services' URLs where one database holds them all."""
    return dict.fromkeys(SERVICES, url)


def rejets(base: Base, colonnes: str = "entite, chemin, motif") -> list[tuple[Any, ...]]:
    """Give what is put aside and open, in a stable order."""
    return base.lire(
        f"select {colonnes} from crm_sync.rejet where ferme_le is null and present order by entite, chemin, motif"  # noqa: S608
    )
