"""Answers of the read API in the decided shapes, about invented people; small builders that a test changes where it matters."""

from copy import deepcopy
from typing import Any

CALCULE_LE = "2026-11-24T13:03:00+00:00"
"""14:03 in Paris."""
MAINTENANT = "2026-11-24T14:20:00+01:00"
"""What the browser's clock says in the tests."""
HOSTILE = "<img src=x onerror=\"document.title='pris'\">"
LONG = "Interminablementlongsansaucunespacepourcouperlaligne" * 3
STATUTS = ("nb_en_attente", "nb_signes", "nb_valides", "nb_annules", "nb_resilies", "nb_autres")
MOTS = ("en_attente", "signe", "valide", "annule", "resilie", "autre")
Json = dict[str, Any]


def ligne(
    ident: str, prenom: str | None, nom: str | None, comptes: tuple[int, ...], vendus: int = 0, **autres: Any
) -> Json:
    """Give one KPI row; `comptes` in the order of `STATUTS`, 29.90 € each."""
    total = sum(comptes)
    return {
        "commercial_id": ident,
        "utilisateur_id": f"u-{ident}",
        "manager_id": None,
        "non_attribue": False,
        "nom": nom,
        "prenom": prenom,
        "nb_contrats": total,
        **dict(zip(STATUTS, comptes, strict=True)),
        "nb_clients": max(1, total - 2) if total else 0,
        "montant_total": f"{total * 29.9:.2f}",
        "montant_valide": f"{comptes[2] * 29.9:.2f}",
        "part": 0.0,
        "rang": 1,
        "dernier_contrat_le": CALCULE_LE,
        "calcule_le": CALCULE_LE,
        "nb_vendus": vendus or comptes[1] + comptes[2] + comptes[4],
        "montant_vendu": f"{(vendus or comptes[1] + comptes[2] + comptes[4]) * 29.9:.2f}",
        **autres,
    }


EQUIPE = [
    ligne("c1", "Jeanne", "Lefèvre", (6, 18, 41, 3, 2, 1)),
    ligne("c2", "Karim", "Haddad", (9, 12, 33, 1, 4, 0)),
    ligne("c3", "Éloïse", "Maréchal", (2, 7, 21, 0, 1, 3)),
    ligne("c4", "Ana", "de Oliveira", (1, 3, 9, 5, 0, 0)),
    ligne("c5", None, "Non attribué", (0, 2, 1, 0, 0, 4), utilisateur_id=None, non_attribue=True),
    ligne("c6", "Bruno", "Zimmer", (0, 0, 0, 0, 0, 0)),
]


def kpi(lignes: list[Json] | None = None, **autres: Any) -> Json:
    """Give the home page's answer; the total is the sum of the rows."""
    lignes = deepcopy(EQUIPE if lignes is None else lignes)
    contrats = sum(une["nb_contrats"] for une in lignes)
    for une in lignes:
        une["part"] = une["nb_contrats"] / contrats if contrats else 0
    entiers = ("nb_contrats", *STATUTS, "nb_clients", "nb_vendus")
    total: Json = {cle: sum(une[cle] for une in lignes) for cle in entiers}
    total |= {
        cle: f"{sum(float(une[cle]) for une in lignes):.2f}"
        for cle in ("montant_total", "montant_valide", "montant_vendu")
    }
    return {
        "lignes": lignes,
        "total": total,
        "calcule_le": CALCULE_LE,
        "perime": False,
        "lecture": "portefeuille",
        "periode": {"du": None, "au": None},
        "sans_commercial": 0,
        **autres,
    }


MOIS = ("2025-03-01", "2026-02-01", "2026-06-01", "2026-09-01", "2026-10-01", "2026-11-01")


def par_mois(lignes: list[Json] | None = None, mois: tuple[str | None, ...] = (*MOIS, None)) -> Json:
    """Give the home page's months: each row's counts dealt out over `mois`; the last one takes what is left."""
    donnees: list[Json] = []
    for une in EQUIPE if lignes is None else lignes:
        for nom, statut in zip(STATUTS, MOTS, strict=True):
            part = une[nom] // len(mois)
            for rang, un_mois in enumerate(mois):
                nombre = part if rang < len(mois) - 1 else une[nom] - part * (len(mois) - 1)
                if nombre:
                    donnees.append(
                        {
                            "commercial_id": une["commercial_id"],
                            "mois": un_mois,
                            "statut": statut,
                            "nb_contrats": nombre,
                            "montant": f"{nombre * 29.9:.2f}",
                        }
                    )
    return {"lignes": donnees, "calcule_le": CALCULE_LE, "perime": False}


FRAICHEUR: Json = {
    "derniere_synchronisation": CALCULE_LE,
    "vu_dans_la_source_le": CALCULE_LE,
    "calcule_le": CALCULE_LE,
    "perime": False,
}


def contrat(numero: int, statut: str = "valide", **autres: Any) -> Json:
    """Give one contract."""
    return {
        "id": f"k{numero}",
        "reference": f"{8177180 + numero}WNC",
        "description": None,
        "statut": statut,
        "statut_source": None,
        "type": "Abonnement",
        "fournisseur": "Télécâble",
        "produit": "Télécâble Sat",
        "montant": "29.90",
        "date_signature": f"2026-{1 + numero % 11:02d}-03T23:00:00+00:00",
        "date_validation": f"2026-{1 + numero % 11:02d}-10T10:00:00+00:00" if statut == "valide" else None,
        "document_url": "https://documents.exemple.fr/contrat.pdf",
        "audit_trail_url": None,
        "client_id": "p1",
        "client": "Mireille Aubertin",
        "portefeuille": {"id": "c1", "nom": "Jeanne Lefèvre"},
        "vendu_par": {"id": "c2", "nom": "Karim Haddad"},
        "disparu_le": None,
        "created_at": CALCULE_LE,
        "updated_at": CALCULE_LE,
        **autres,
    }


def page(nombre: int = 5, suite: str | None = None, depart: int = 0, **autres: Any) -> Json:
    """Give a page of contracts in several statuses."""
    statuts = ("valide", "signe", "en_attente", "annule", "resilie", "autre")
    lignes = [
        contrat(
            depart + rang,
            statuts[rang % 6],
            statut_source="Dossier en relecture" if rang % 6 == 5 else None,
            **autres,
        )
        for rang in range(nombre)
    ]
    return {"lignes": lignes, "suite": suite, "fraicheur": FRAICHEUR | {"vu_dans_la_source_le": None}}


def un_contrat() -> Json:
    """Give the answer about one contract, of whose status the source says more, and that it no longer has."""
    lui = contrat(1, "autre", statut_source="Dossier en relecture", disparu_le="2026-11-20T08:00:00+00:00")
    return {
        "contrat": lui,
        "changements": [changement("montant", "19.90", "29.90", "changé à la source")],
        "fraicheur": FRAICHEUR,
    }


def client(**autres: Any) -> Json:
    """Give the 360° view of one client with something in each part."""
    disparu = contrat(3, "resilie", disparu_le="2026-11-20T08:00:00+00:00", audit_trail_url="/preuves/3.json")
    return {
        "client": {
            "id": "p1",
            "nom": "Aubertin",
            "prenom": "Mireille",
            "email": "mireille.aubertin@exemple.fr",
            "telephone": "06 12 34 56 78",
            "statut": "actif",
            "created_at": "2025-02-11T09:30:00+00:00",
            "updated_at": CALCULE_LE,
            "supprime": False,
        },
        "contrats": [contrat(1), contrat(2, "signe", document_url=None), disparu],
        "paiements": [
            {"fin": "0189", "bic": None, "disparu_le": None},
            {"fin": "7741", "bic": None, "disparu_le": "2026-11-20T08:00:00+00:00"},
        ],
        "carte_identite": {"presente": True, "expire_le": "2026-03-01"},
        "souscriptions": [
            {
                "offre": "Télécâble Sat",
                "statut": "active",
                "abonnement": {
                    "dateDebut": "2026-01-31T00:00:00.000Z",
                    "jourPrelevement": 5,
                    "options": ["Multi-écran", "Replay"],
                    "moyen": {"genre": "prélèvement", "iban": "(masqué)"},
                },
                "contrats": ["8177181WNC"],
            }
        ],
        "versements": [
            {"montant": "29.9", "date": "2026-10-05T00:00:00.000Z", "statut": "Payé"},
            {"montant": "29.9", "date": "2026-11-05T00:00:00.000Z", "statut": "Rejeté"},
        ],
        "changements": [
            changement("statut", "en_attente", "signe", "changé à la source"),
            changement("telephone", "…78", "…79", "changé des deux côtés, le CRM en dernier : gardé", entite="client"),
            changement(None, None, None, "créé par la synchronisation", regle="creation"),
        ],
        "doublons": [
            {
                "client_id": "p2",
                "prospect_id": None,
                "nom": "Mireille Aubertain",
                "phrase": "même téléphone, noms différents",
                "signale_le": "2026-11-22T08:00:00+00:00",
            }
        ],
        "disparus": [
            {
                "entite": "contrat",
                "reference": "8177183WNC",
                "depuis": "2026-11-19T08:00:00+00:00",
                "disparu_le": "2026-11-20T08:00:00+00:00",
            }
        ],
        "fraicheur": FRAICHEUR,
        **autres,
    }


def changement(champ: str | None, avant: str | None, apres: str | None, phrase: str, **autres: Any) -> Json:
    """Give one entry of what changed lately."""
    return {
        "le": "2026-11-23T09:00:00+00:00",
        "champ": champ,
        "avant": avant,
        "apres": apres,
        "regle": "source",
        "phrase": phrase,
        "run_id": "r1",
        "entite": "contrat",
        "reference": None if autres.get("entite") == "client" else "8177182WNC",
        **autres,
    }


def client_vide() -> Json:
    """Give a client of whom nothing is known but the name."""
    neuf = client(contrats=[], paiements=[], souscriptions=[], versements=[], changements=[], doublons=[], disparus=[])
    neuf["client"] |= {"prenom": None, "email": None, "telephone": None, "statut": None}
    neuf["carte_identite"] = {"presente": False, "expire_le": None}
    return neuf


def moi(role: str = "manager") -> Json:
    """Give who is logged in."""
    return {
        "utilisateur_id": "u-c1",
        "role": role,
        "nom": "Jeanne Lefèvre",
        "commercial_id": "c1",
        "peut_synchroniser": role != "commercial",
    }


COMPTES = {"recus": 300, "crees": 0, "modifies": 0, "inchanges": 300, "reunis": 0, "rejets": 0}
RESULTAT = {
    "prospects": 300,
    "commerciaux": COMPTES,
    "clients": COMPTES | {"crees": 4, "modifies": 2, "inchanges": 294},
    "contrats": COMPTES | {"recus": 420, "crees": 6, "modifies": 11, "inchanges": 402, "rejets": 1},
    "informations_paiement": COMPTES,
    "rejets": 3,
    "doublons_possibles": 2,
    "conflits": 0,
    "disparus": 0,
    "retraits_en_attente": 0,
    "duree_s": 7.2,
}


ATTENTE = {"id": "s2", "demande_le": "2026-11-24T13:05:00+00:00"}
"""The viewer's own request that no sync has taken up yet, of 14:05."""


def course(statut: str = "reussie", etape: str | None = None, **autres: Any) -> Json:
    """Give a sync or a request."""
    fini = statut not in {"en_attente", "en_cours"}
    return {
        "id": "s1",
        "statut": statut,
        "etape": etape,
        "run_id": None if statut == "en_attente" else "r1",
        "demande_par": "Karim Haddad",
        "demande_le": "2026-11-24T13:02:40+00:00",
        "commence_le": None if statut == "en_attente" else "2026-11-24T13:02:50+00:00",
        "termine_le": CALCULE_LE if fini else None,
        "resultat": RESULTAT if statut == "reussie" else None,
        "message": None,
        "prochaine": "2026-11-24T14:00:00+00:00",
        "perime": False,
        "votre_demande": None,
        **autres,
    }
