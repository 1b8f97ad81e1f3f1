"""The books: for each entity and run, received = created + changed + unchanged + joined + put aside.

Received is counted in the payloads; the rest in links, the journal and the rejects. The two sides are counted apart, so a
node that a stage dropped shows as a difference.
"""

from dataclasses import dataclass

from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.mapping import TABLES
from crm_sync.crm.requetes import requete

ENTITES = ("commerciaux", "clients", "contrats", "informations_paiement")


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


def livre(bases: Bases, entite: str, synchronisation_id: str) -> Livre:
    """Draw up the books of one entity for one run."""
    ligne = (
        bases.connexion("sync")
        .execute(requete(f"livres.{entite}"), {"moi": synchronisation_id})
        .fetchone()
    )
    assert ligne is not None  # noqa: S101  an aggregate gives one row
    recus, noeuds, lignes, crees, modifies, rejets = map(int, ligne)
    return Livre(recus, crees, modifies, lignes - crees - modifies, noeuds - lignes, rejets)


def bruts(bases: Bases) -> tuple[int, int, int]:
    """Give the last answer's elements: received, stored, normalised. Equal where nothing was dropped."""
    ligne = bases.connexion("sync").execute(requete("livres.bruts")).fetchone()
    assert ligne is not None  # noqa: S101  three scalar subqueries give one row
    return int(ligne[0] or 0), int(ligne[1]), int(ligne[2])


def orphelins(bases: Bases) -> int:
    """Count the contracts of the CRM whose client or sales rep leads nowhere."""
    commercial, core = bases.connexion("commercial"), bases.connexion("core")
    contrat, apporteur, client = (TABLES[e].nom.as_string(commercial) for e in ("contrat", "apporteur", "client"))
    sans_commercial = _compter(
        commercial,
        f"select count(*) from {contrat} as c where c.commercial_id is null or not exists "  # noqa: S608  quoted names
        f"(select 1 from {apporteur} as a where a.id = c.commercial_id)",
    )
    tampon = bytearray()
    with (
        commercial.cursor() as curseur,
        curseur.copy(
            f"copy (select client_id::text, count(*) from {contrat} group by 1) to stdout".encode()  # noqa: S608
        ) as flux,
    ):
        for bloc in flux:
            tampon += bloc
    with core.transaction():
        core.execute("create temporary table tenus_par (client_id text, nb bigint) on commit drop")
        with core.cursor() as curseur, curseur.copy("copy tenus_par (client_id, nb) from stdin") as flux:
            flux.write(tampon)
        return sans_commercial + _compter(
            core,
            "select coalesce(sum(nb), 0) from tenus_par as t where not exists "  # noqa: S608
            f"(select 1 from {client} as c where c.id::text = t.client_id)",
        )


def _compter(connexion: Connexion, texte: str) -> int:
    ligne = connexion.execute(texte.encode()).fetchone()
    return int(ligne[0]) if ligne else 0
