"""One invented example per answer of the API, by the name of its shape: what the OpenAPI document shows, and tests check."""

from collections.abc import Mapping
from typing import Any

_CLIENT, _CONTRAT = "7d1f0c52-6f3b-4a57-9a59-0a6d6d6f1a01", "1b8a3b6e-52a5-4a0c-8f2b-3f0d7a1c2e02"
_VENDEUR, _UTILISATEUR = "c0a8f7de-1111-4f0e-9a6e-5d2b7c9e3a03", "5e9d2f40-2222-4d1c-8b7f-6a1e4c8d5b04"
_MANAGER, _DEMANDE = "9b2c4d6e-3333-4e8f-a1b3-7c5d9e1f2a05", "3c5e7a9b-4444-4b6d-8e0f-1a2b3c4d5e06"
_RUN = "0f1e2d3c-5555-4a4b-9c8d-7e6f5a4b3c07"

_COMPTES = {
    "nb_contrats": 12,
    "nb_en_attente": 1,
    "nb_signes": 2,
    "nb_valides": 8,
    "nb_annules": 0,
    "nb_resilies": 1,
    "nb_autres": 0,
    "nb_clients": 10,
    "montant_total": "358.80",
    "montant_valide": "239.20",
    "nb_vendus": 11,
    "montant_vendu": "328.90",
}
_CALCULE = "2026-11-24T14:03:07.120000+00:00"
_LIGNE = {
    "commercial_id": _VENDEUR,
    "utilisateur_id": _UTILISATEUR,
    "manager_id": _MANAGER,
    "non_attribue": False,
    "nom": "Gautier",
    "prenom": "Anne-Sophie",
    **_COMPTES,
    "part": 0.04,
    "rang": 3,
    "dernier_contrat_le": "2026-11-20T09:12:44+00:00",
    "calcule_le": _CALCULE,
}
_LUI = {"id": _VENDEUR, "nom": "Anne-Sophie Gautier"}
_UN = {
    "id": _CONTRAT,
    "reference": "8177185WNC",
    "description": "Fibre 1 Gb/s, engagement 12 mois",
    "statut": "valide",
    "statut_source": None,
    "type": "Internet",
    "fournisseur": "Antilles Mobile",
    "produit": "Fibre 1 Gb/s",
    "montant": "29.90",
    "date_signature": "2026-11-20T09:12:44+00:00",
    "date_validation": None,
    "document_url": "/documents/contrats/2026/8177185WNC.pdf",
    "audit_trail_url": None,
    "client_id": _CLIENT,
    "client": "Bernard Guérin",
    "portefeuille": _LUI,
    "vendu_par": _LUI,
    "disparu_le": None,
    "created_at": "2026-11-20T10:00:03+00:00",
    "updated_at": "2026-11-24T14:03:05+00:00",
}
_CHANGEMENT = {
    "le": "2026-11-24T14:03:05+00:00",
    "champ": "statut",
    "avant": "signe",
    "apres": "valide",
    "regle": "source",
    "phrase": "changé à la source",
    "run_id": _RUN,
    "entite": "contrat",
    "reference": "8177185WNC",
}
_FRAICHEUR = {
    "derniere_synchronisation": "2026-11-24T14:03:08+00:00",
    "vu_dans_la_source_le": "2026-11-24T14:03:01+00:00",
    "calcule_le": _CALCULE,
    "perime": False,
}
_COMPTE = {"recus": 420, "crees": 3, "modifies": 2, "inchanges": 413, "reunis": 1, "rejets": 1}
_RESULTAT = {
    "prospects": 300,
    "commerciaux": {"recus": 12, "crees": 0, "modifies": 0, "inchanges": 12, "reunis": 0, "rejets": 0},
    "clients": {"recus": 300, "crees": 2, "modifies": 1, "inchanges": 296, "reunis": 1, "rejets": 0},
    "contrats": _COMPTE,
    "informations_paiement": {"recus": 280, "crees": 2, "modifies": 0, "inchanges": 278, "reunis": 0, "rejets": 0},
    "rejets": 1,
    "doublons_possibles": 4,
    "conflits": 0,
    "disparus": 0,
    "retraits_en_attente": 0,
    "duree_s": 3.2,
}

EXEMPLES: Mapping[str, Any] = {
    "KpiParCommercial": {
        "lignes": [_LIGNE],
        "total": _COMPTES,
        "calcule_le": _CALCULE,
        "perime": False,
        "lecture": "portefeuille",
        "periode": {"du": None, "au": None},
        "sans_commercial": 0,
    },
    "KpiParMois": {
        "lignes": [
            {
                "commercial_id": _VENDEUR,
                "mois": "2026-11-01",
                "statut": "valide",
                "nb_contrats": 3,
                "montant": "89.70",
            }
        ],
        "calcule_le": _CALCULE,
        "perime": False,
    },
    "PageContrats": {"lignes": [_UN], "suite": None, "fraicheur": _FRAICHEUR | {"vu_dans_la_source_le": None}},
    "VueContrat": {"contrat": _UN, "changements": [_CHANGEMENT], "fraicheur": _FRAICHEUR},
    "VueClient": {
        "client": {
            "id": _CLIENT,
            "nom": "Guérin",
            "prenom": "Bernard",
            "email": "bernard.guerin@mel.example",
            "telephone": "+33639980012",
            "statut": None,
            "created_at": "2026-11-20T10:00:02+00:00",
            "updated_at": "2026-11-20T10:00:02+00:00",
            "supprime": False,
        },
        "contrats": [_UN],
        "paiements": [{"fin": "2606", "bic": None, "disparu_le": None}],
        "carte_identite": {"presente": True, "expire_le": "2032-11-26"},
        "souscriptions": [
            {
                "offre": "Fibre 1 Gb/s",
                "statut": "ACTIVE",
                "abonnement": {"id": 49, "statut": "ACTIF", "dateDebut": "2026-11-25T00:00:00.000Z"},
                "contrats": ["8177185WNC"],
            }
        ],
        "versements": [{"id": 50, "montant": "29.9", "date": "2026-11-27T00:00:00.000Z", "statut": "Payé"}],
        "changements": [_CHANGEMENT],
        "doublons": [
            {
                "client_id": "2a4c6e80-6666-4c1d-b3e5-8f7a6b5c4d08",
                "prospect_id": None,
                "nom": "Bernard Guerin",
                "phrase": "en commun : téléphone ; prénoms différents",
                "signale_le": "2026-11-20T10:00:02+00:00",
            }
        ],
        "disparus": [],
        "fraicheur": _FRAICHEUR,
    },
    "Deposee": {"id": _DEMANDE, "statut": "en_attente"},
    "Synchronisation": {
        "id": _DEMANDE,
        "statut": "reussie",
        "etape": "terminé",
        "run_id": _RUN,
        "demande_par": "Claire Moreau",
        "demande_le": "2026-11-24T14:03:00+00:00",
        "commence_le": "2026-11-24T14:03:01+00:00",
        "termine_le": "2026-11-24T14:03:08+00:00",
        "resultat": _RESULTAT,
        "message": "Synchronisation réussie. 9 lignes du CRM créées ou modifiées.",
        "prochaine": "2026-11-24T15:00:00+00:00",
        "perime": False,
        "votre_demande": None,
    },
    "Moi": {
        "utilisateur_id": _UTILISATEUR,
        "role": "commercial",
        "nom": "Anne-Sophie Gautier",
        "commercial_id": _VENDEUR,
        "peut_synchroniser": False,
    },
    "Sante": {"statut": "ok"},
}
"""Everybody in here is invented."""
