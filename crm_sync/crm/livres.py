"""The books: for each entity and run, received = created + changed + unchanged + joined + put aside.

Received is counted in the payloads; the rest in links, the journal and the rejects. The two sides are counted apart, so a
node that a stage dropped shows as a difference.
"""

from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from crm_sync.crm.connexion import Bases, la_ligne
from crm_sync.crm.requetes import requete

ENTITES = ("commerciaux", "clients", "contrats", "informations_paiement")
LIENS = {"clients": "client", "contrats": "contrat", "informations_paiement": "information_paiement"}


@dataclass(frozen=True, slots=True)
class Livre:
    """The books of one entity for one run, in nodes (`recus`, `reunis`, `rejets`) and CRM rows (the others)."""

    recus: int
    crees: int
    modifies: int
    inchanges: int
    reunis: int
    rejets: int

    @property
    def equilibre(self) -> bool:
        """Tell whether every received node is accounted for."""
        return self.recus == self.crees + self.modifies + self.inchanges + self.reunis + self.rejets

    def sans_changement(self) -> "Livre":
        """Give the same books for a run that created and changed nothing."""
        touchees = self.crees + self.modifies
        return replace(self, crees=0, modifies=0, inchanges=self.inchanges + touchees)


def livre(bases: Bases, entite: str, synchronisation_id: str) -> Livre:
    """Draw up the books of one entity for one run."""
    connexion = bases.connexion("sync")
    if entite == "commerciaux":  # people, not nodes: several copies of one are one
        ligne = la_ligne(connexion.execute(requete("livres.commerciaux"), {"moi": synchronisation_id}))
    else:
        texte: Any = requete("livres.livre").decode()
        composee = sql.SQL(texte).format(
            normalisee=sql.Identifier("crm_sync", entite), recus=sql.Identifier(f"recus_{entite}")
        )
        parametres = {"moi": synchronisation_id, "entite": LIENS[entite], "recus": entite}
        ligne = la_ligne(connexion.execute(composee, parametres))
    recus, noeuds, lignes, crees, modifies, rejets = map(int, ligne)
    return Livre(recus, crees, modifies, lignes - crees - modifies, noeuds - lignes, rejets)


def bruts(bases: Bases) -> tuple[int, int, int]:
    """Give the last answer's elements: received, stored, normalised. Equal where nothing was dropped."""
    ligne = la_ligne(bases.connexion("sync").execute(requete("livres.bruts")))
    return int(ligne[0] or 0), int(ligne[1]), int(ligne[2])


def recus(bases: Bases) -> dict[str, int]:
    """Count what the last answer holds of each entity, in nodes; sales reps are people and counted when they are written."""
    ligne = la_ligne(bases.connexion("sync").execute(requete("livres.recus")))
    return dict(zip(("clients", "contrats", "informations_paiement"), map(int, ligne), strict=True))


def orphelins(bases: Bases) -> int:
    """Count the contracts of the CRM whose client or sales rep leads nowhere."""
    commercial, core = bases.connexion("commercial"), bases.connexion("core")
    if commercial is core:
        return int(la_ligne(core.execute(bases.crm.composer("livres.orphelins")))[0])
    sans_commercial, clients, nombres = la_ligne(commercial.execute(bases.crm.composer("livres.commerciaux_orphelins")))
    parametres = {"clients": clients, "nombres": nombres}
    return int(sans_commercial) + int(
        la_ligne(core.execute(bases.crm.composer("livres.clients_orphelins"), parametres))[0]
    )
