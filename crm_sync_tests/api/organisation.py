"""An invented organisation in the built-in tables, and the slow, obvious rule of who sees what: the oracle of the leak tests.

Managers in chains and cycles, inactive and unknown viewers, sales reps without a user, clients without a contract, contracts
of a client that is gone, names that are hostile. Everything comes from a seed.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from crm_sync_tests.gens import IBANS

STATUTS = ("en_attente", "signe", "valide", "annule", "resilie", "ce que personne ne connaît", None)
CARTE = json.dumps({"numero": "X92", "dateExpiration": "2032-11-25T23:00:00.000Z"})
SIGNATURES = (None, "2025-01-31T22:59:59Z", "2025-01-31T23:00:00Z", "2025-02-10T10:00:00Z", "infinity")
ROLES = ("admin", "manager", "commercial")
HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass
class Organisation:
    """Rows as dicts, by id; `utilisateurs` in no order."""

    utilisateurs: dict[str, dict[str, Any]] = field(default_factory=dict)
    apporteurs: dict[str, dict[str, Any]] = field(default_factory=dict)
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    contrats: dict[str, dict[str, Any]] = field(default_factory=dict)
    paiements: dict[str, dict[str, Any]] = field(default_factory=dict)

    def equipe(self, utilisateur_id: str) -> set[str]:
        """Give everybody below a user, by walking up from each of the others."""
        return {autre for autre in self.utilisateurs if utilisateur_id in self._superieurs(autre)}

    def _superieurs(self, utilisateur_id: str) -> set[str]:
        vus: set[str] = set()
        suivant = self.utilisateurs[utilisateur_id]["manager_id"]
        while suivant is not None and suivant not in vus:
            vus.add(suivant)
            suivant = self.utilisateurs[suivant]["manager_id"]
        return vus

    def role(self, utilisateur_id: str) -> str | None:
        """Give the role of a user who sees something; None for who sees nothing."""
        utilisateur = self.utilisateurs.get(utilisateur_id)
        return utilisateur["role"] if utilisateur and utilisateur["actif"] is True else None

    def apporteurs_vus(self, utilisateur_id: str) -> set[str]:
        role = self.role(utilisateur_id)
        if role is None:
            return set()
        if role == "admin":
            return set(self.apporteurs)
        membres = {utilisateur_id} | (self.equipe(utilisateur_id) if role == "manager" else set())
        return {a for a, ligne in self.apporteurs.items() if ligne["utilisateur_id"] in membres}

    def clients_vus(self, utilisateur_id: str) -> set[str]:
        if self.role(utilisateur_id) == "admin":
            return set(self.clients)
        vus = self.apporteurs_vus(utilisateur_id)
        return {c["client_id"] for c in self.contrats.values() if c["commercial_id"] in vus} & set(self.clients)

    def contrats_vus(self, utilisateur_id: str) -> set[str]:
        """Give the contracts held by their sales reps, and every contract of the clients that this opens."""
        if self.role(utilisateur_id) == "admin":
            return set(self.contrats)
        vus = self.apporteurs_vus(utilisateur_id)
        tenus = {c["client_id"] for c in self.contrats.values() if c["commercial_id"] in vus}
        return {cle for cle, c in self.contrats.items() if c["commercial_id"] in vus or c["client_id"] in tenus}


def organisation(graine: int, taille: int = 14) -> Organisation:
    """Invent one: `taille` users, and about twice as many clients and three times as many contracts."""
    hasard = Random(graine)
    tout = Organisation()
    _utilisateurs(tout, hasard, taille)
    _apporteurs(tout, hasard)
    for numero in range(2 * taille):
        tout.clients[_id(hasard)] = {
            "nom": HOSTILE if numero == 5 else f"Client{numero}",
            "prenom": hasard.choice(("Ana", "Zoé", None)),
            "email": f"c{numero}@exemple.example.org",
            "telephone": f"06399800{numero % 100:02d}",
            "identity_card": CARTE if numero % 3 == 0 else None,
        }
    clients = [*tout.clients][:-3]  # the last have no contract
    for numero in range(3 * taille):
        tout.contrats[_id(hasard)] = {
            "reference": f"{1000 + numero}ABC",
            "statut": hasard.choice(STATUTS),
            "montant": hasard.choice(("29.90", "0.00", None, "1200.00")),
            "date_signature": hasard.choice(SIGNATURES),
            "client_id": _id(hasard) if hasard.random() < 0.05 else hasard.choice(clients),
            "commercial_id": hasard.choice(list(tout.apporteurs)),
        }
    for numero, client_id in enumerate(tout.clients):
        if numero % 2:
            iban = IBANS[numero % len(IBANS)]
            tout.paiements[_id(hasard)] = {"client_id": client_id, "iban": iban, "bic": "BNPAFRPPXXX"}
    return tout


def _id(hasard: Random) -> str:
    return str(UUID(int=hasard.getrandbits(128), version=4))


def _utilisateurs(tout: Organisation, hasard: Random, taille: int) -> None:
    """Invent users: mostly a tree; sometimes anybody manages, so that there are cycles, somebody's own manager among them.

    The first three are active, one of each role.
    """
    for numero in range(taille):
        un_de_chaque = numero < len(ROLES)
        tout.utilisateurs[_id(hasard)] = {
            "email": f"u{numero}@ventes.example",
            "nom": HOSTILE if numero == 3 else f"Nom{numero}",
            "prenom": f"Prenom{numero}",
            "role": ROLES[numero] if un_de_chaque else hasard.choice(ROLES),
            "manager_id": None,
            "actif": un_de_chaque or hasard.choice((True, True, True, False, None)),
        }
    ids = list(tout.utilisateurs)
    for rang, utilisateur in enumerate(tout.utilisateurs.values()):
        if rang and hasard.random() < 0.85:
            utilisateur["manager_id"] = ids[hasard.randrange(rang)] if hasard.random() < 0.8 else hasard.choice(ids)


def _apporteurs(tout: Organisation, hasard: Random) -> None:
    """Invent sales reps: of most users one, and two of nobody."""
    for numero, utilisateur_id in enumerate([*tout.utilisateurs, None, None]):
        if utilisateur_id is None or numero < len(ROLES) or hasard.random() < 0.7:
            tout.apporteurs[_id(hasard)] = {
                "utilisateur_id": utilisateur_id,
                "nom": f"Vendeur{numero}",
                "prenom": "Camille",
                "email": f"v{numero}@ventes.example",
            }


TABLES = {
    "service_core.utilisateur": "utilisateurs",
    "service_core.client_base": "clients",
    "service_commercial.apporteur": "apporteurs",
    "service_commercial.contrat": "contrats",
    "service_finance.information_paiement_bancaire": "paiements",
}


def ranger(url: str, tout: Organisation) -> None:
    """Write an organisation into the built-in tables, in place of what is there."""
    with psycopg.connect(url) as connexion:
        connexion.execute(f"truncate {', '.join(TABLES)}")
        connexion.execute("set session_replication_role = replica")  # managers may come after their team
        for table, nom in TABLES.items():
            for cle, ligne in getattr(tout, nom).items():
                colonnes = ", ".join(("id", *ligne))
                valeurs = ", ".join(["%s"] * (1 + len(ligne)))
                connexion.execute(
                    f"insert into {table} ({colonnes}) values ({valeurs})",  # noqa: S608
                    (cle, *ligne.values()),
                )
