"""Prospects of the hand-made cases, in the endpoint's shape: ids from 900001, which the reference source never reaches."""

from typing import Any

from crm_sync_tests.crm_existants.equipe import commercial
from crm_sync_tests.crm_existants.lignes import Prospect

MISE_A_JOUR = "2025-06-01T08:00:00.000Z"
"""When the source last changed its nodes, unless said otherwise: later than what the CRM holds."""


def contrat(titre: str, **autres: Any) -> dict[str, Any]:
    """Give a validated contract as the source sends it: what the CRM's own default contract says in other words."""
    return {
        "titre": titre,
        "statut": "Validé",
        "montant": "29.9",
        "dateSignature": "2024-01-31T23:30:00.000Z",
        "updatedAt": MISE_A_JOUR,
        **autres,
    }


def prospect(numero: int, nom: str, prenom: str | None, *titres: str | dict[str, Any], **autres: Any) -> Prospect:
    """Give prospect 900000 + `numero`, of Nora Leblanc, with these contracts (its own `H<numero>` where none is given)."""
    contrats = [contrat(titre) if isinstance(titre, str) else titre for titre in titres or (f"H{numero:04}ZZZ",)]
    return {
        "idProspect": 900_000 + numero,
        "nom": nom,
        "prenom": prenom,
        "email": None,
        "telephone": None,
        "updatedAt": MISE_A_JOUR,
        "commercial": commercial("leblanc"),
        "Souscription": [{"offre": {"nom": "Fibre"}, "contrats": contrats}],
        "informationsPaiement": [],
        "identityCard": None,
        **autres,
    }
