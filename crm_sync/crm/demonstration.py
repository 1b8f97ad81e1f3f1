"""The demo's people in the embedded database: three invented users, one of each role, over the reference data.

The only writer of users beside the CRM itself, and only where the caller has made sure that the database is the embedded one.
Safe to call at each start: the same users, the same team.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases
from crm_sync.crm.requetes import requete

PERSONNES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "admin": ("admin@demonstration.example", "Lefèvre", "Hélène"),
        "manager": ("manager@demonstration.example", "Moreau", "Claire"),
    }
)
"""Role → e-mail, last name, first name. The commercial is one of the reference data's own."""
EQUIPE = 6


@dataclass(frozen=True, slots=True)
class Compte:
    """One of the three."""

    utilisateur_id: str
    nom: str
    commercial_id: str | None


def comptes(bases: Bases) -> dict[str, Compte]:
    """Make the three users, or find them again; without the commercial where there is no contract yet."""
    with bases.transaction("core") as connexion, connexion.cursor(row_factory=dict_row) as curseur:

        def lire(quoi: str, **parametres: Any) -> list[dict[str, Any]]:
            curseur.execute(requete(f"demonstration.{quoi}"), parametres)
            return curseur.fetchall() if curseur.description else []

        faits = {}
        for role, (email, nom, prenom) in PERSONNES.items():
            (ligne,) = lire("compte", email=email, nom=nom, prenom=prenom, role=role)
            faits[role] = Compte(ligne["id"], f"{prenom} {nom}", None)
        manager_id = faits["manager"].utilisateur_id
        vendeurs = lire("vendeurs", manager_id=manager_id, nombre=EQUIPE)
        lire("equipe", manager_id=manager_id, membres=[vendeur["utilisateur_id"] for vendeur in vendeurs])
        if vendeurs:
            lire("activer", id=vendeurs[0]["utilisateur_id"])
            faits["commercial"] = Compte(**vendeurs[0])
        return faits


def exemples(bases: Bases, commercial_id: str) -> dict[str, str]:
    """Give the ids that the demo's pages show: of a sales rep, a client of theirs, and one of their contracts."""
    with bases.transaction("commercial") as connexion, connexion.cursor(row_factory=dict_row) as curseur:
        trouve = curseur.execute(requete("demonstration.exemple"), {"commercial_id": commercial_id}).fetchone()
    return {"commercial_id": commercial_id, **(trouve or {})}
