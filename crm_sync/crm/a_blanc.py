"""What a sync would do, without doing it: the transactions of a plan, and what is read of them before they are rolled back.

The stages are those of a sync; our schema is changed inside transactions that end in a rollback, and the CRM is not written
at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from crm_sync.crm import doublons, explication, kpi
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.crm.requetes import requete
from crm_sync.domain.masques import masquer_source

INCONNU = (
    "Ce que d'autres écriront d'ici là dans le CRM : une ligne qu'ils changent est décidée à nouveau.",
    "Le nombre de « vendus » de chacun : il dépend de qui tient le contrat au moment où il est vu signé.",
)
ENTREES = 1_000_000
DU_JOURNAL = frozenset({"journal_id", "synchronisation_id", "genre", "applique_le"})


@contextmanager
def transactions_annulees(bases: Bases) -> Iterator[None]:
    """Hold one transaction in each database, rolled back at the end whatever happens."""
    with ExitStack() as pile:
        for connexion in {id(c): c for service in SERVICES for c in [bases.connexion(service)]}.values():
            pile.enter_context(connexion.transaction(force_rollback=True))
            connexion.execute("set local idle_in_transaction_session_timeout = 0")
        yield


def entrees(bases: Bases, synchronisation_id: str) -> list[dict[str, Any]]:
    """Read what would be written, masked, oldest first; without number and time in the journal, which it will not have."""
    lues = explication.journal(bases, synchronisation_id=synchronisation_id, limite=ENTREES)
    return [
        {cle: valeur for cle, valeur in montree.items() if cle not in DU_JOURNAL}
        for montree in explication.montrables(bases, lues[::-1])
    ]


def creations(bases: Bases, synchronisation_id: str) -> list[dict[str, Any]]:
    """Read which rows would be made, from which source nodes, by which rule and why no match was found."""
    with bases.connexion("sync").cursor(row_factory=dict_row) as curseur:
        lignes = curseur.execute(requete("a_blanc.creations"), {"moi": synchronisation_id}).fetchall()
    return [
        {**ligne, "source_ids": [masquer_source(ligne["entite"], source_id) for source_id in ligne["source_ids"]]}
        for ligne in lignes
    ]


def doublons_possibles(bases: Bases, creees: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Read the pairs that would wait for a person; a client to be made has no id that holds, it is named by its prospect."""
    futurs = {f"client:{c['crm_id']}": f"prospect:{c['source_ids'][0]}" for c in creees if c["entite"] == "client"}
    return [
        {**paire, "id_a": futurs.get(paire["id_a"], paire["id_a"]), "id_b": futurs.get(paire["id_b"], paire["id_b"])}
        for paire in doublons.lister(bases)
    ]


def regles(bases: Bases, synchronisation_id: str) -> dict[str, dict[str, int]]:
    """Count the nodes that wait, by entity and by the rule that answers for them."""
    comptes: dict[str, dict[str, int]] = defaultdict(dict)
    for entite, regle, nombre in bases.connexion("sync").execute(
        requete("a_blanc.regles"), {"moi": synchronisation_id}
    ):
        comptes[str(entite)][str(regle)] = int(nombre)
    return dict(comptes)


def mouvement(bases: Bases, synchronisation_id: str) -> list[dict[str, Any]]:
    """Give how contracts per sales rep would move: `avant`, `apres` and `montant` (the difference), one row per sales rep.

    Only those that move; the present numbers are counted now, not taken from the KPI table.
    """
    avant = kpi.portefeuilles(bases)
    nombres: dict[str, int] = defaultdict(int)
    montants: dict[str, Decimal] = defaultdict(Decimal)
    noms = {crm_id: nom for crm_id, (nom, _) in avant.items()}
    for entree in explication.journal(bases, synchronisation_id=synchronisation_id, limite=ENTREES):
        if entree["entite"] == "apporteur" and entree["action"] == "creation":
            noms[entree["crm_id"]] = _nom(entree["valeurs"])
        if entree["entite"] != "contrat":
            continue
        if entree["action"] == "creation":
            tenant = entree["valeurs"]["commercial_id"]
            nombres[tenant] += 1
            montants[tenant] += Decimal(entree["valeurs"].get("montant") or 0)
        elif change := (entree["champs"] or {}).get("commercial_id"):
            if change["avant"] is not None:  # an existing CRM may have contracts that nobody holds
                nombres[change["avant"]] -= 1
            nombres[change["apres"]] += 1
    return [
        {
            "commercial_id": qui,
            "commercial": noms.get(qui, ""),
            "avant": (avant[qui][1] if qui in avant else 0),
            "apres": (avant[qui][1] if qui in avant else 0) + nombre,
            "montant_nouveaux": montants[qui],
        }
        for qui, nombre in sorted(nombres.items(), key=lambda paire: (-paire[1], paire[0]))
        if nombre
    ]


def _nom(valeurs: Mapping[str, str | None]) -> str:
    return " ".join(filter(None, (valeurs.get("prenom"), valeurs.get("nom"))))
