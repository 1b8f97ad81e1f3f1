"""Clients: who each waiting prospect is in the CRM, by the rules of `domain.identity`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.copie import lire, verser
from crm_sync.crm.ecriture import Contexte, Decisions, Etape
from crm_sync.crm.mapping import TABLES
from crm_sync.crm.requetes import requete
from crm_sync.domain.identity import identifier
from crm_sync.domain.keys import cle_email, cle_nom
from crm_sync.domain.plan import attribuer_ids
from crm_sync.domain.telephones import cles_telephone
from crm_sync.domain.types import cadre

if TYPE_CHECKING:
    import pandas as pd

CANDIDATS = ("crm_id", "cle_nom", "cle_prenom", "cle_email", "cles_telephone", "cree_le")
VALEURS = ["nom", "prenom", "email", "telephone"]
CLES: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "cle_nom": ("nom", cle_nom),
    "cle_prenom": ("prenom", cle_nom),
    "cle_email": ("email", cle_email),
    "cles_telephone": ("telephone", lambda valeur: " ".join(cles_telephone(valeur)) or None),
}


def decider(contexte: Contexte, attente: "pd.DataFrame") -> Decisions:
    """Decide every waiting prospect: linked ones keep their client, the others are matched by key or become new ones."""
    import pandas as pd

    lies = attente[attente["crm_id"].notna()].assign(groupe=None, regle="lien", preuve=None)
    a_trouver = attente[attente["crm_id"].isna()].drop(columns="crm_id")
    with contexte.bases.transaction(TABLES["client"].service) as connexion:
        if not a_trouver.empty:
            _rafraichir_cles(connexion)
        trouves = identifier(a_trouver, _candidats(connexion, a_trouver))
    ambigus = int(trouves["ambigus"].notna().sum())
    trouves["preuve"] = [
        None if regle == "creation" else f'{{"cle": "{regle}"}}' for regle in trouves["regle"].tolist()
    ]
    nouveaux = a_trouver.merge(trouves.drop(columns="ambigus"), on="source_id")
    lignes = attribuer_ids(pd.concat([lies, nouveaux], ignore_index=True))
    return Decisions(lignes, {}, ambigus, ensuite=lambda connexion, _: _noter_cles(connexion, lignes))


def _rafraichir_cles(connexion: Connexion) -> None:
    """Bring the cached keys of CRM clients to their present values; only changed rows are looked at in Python."""
    perimees = lire(connexion, _avec_table(connexion, "clients.cles_a_rafraichir"))
    for cle, (colonne, calcul) in CLES.items():
        perimees[cle] = perimees[colonne].map(calcul, na_action="ignore").astype(perimees["nom"].dtype)
    _verser_cles(connexion, perimees)


def _noter_cles(connexion: Connexion, lignes: "pd.DataFrame") -> None:
    """Keep the keys of clients made from a single prospect: they were worked out already."""
    seules = lignes[lignes["nouveau"]].drop_duplicates("crm_id", keep=False)
    cles = seules[["crm_id", *VALEURS, *CLES]].rename(columns={"crm_id": "client_id"})
    verser(connexion, sql.Identifier("crm_sync", "cle_client"), cles)


def _verser_cles(connexion: Connexion, cles: "pd.DataFrame") -> None:
    colonnes = ["crm_id", *VALEURS, *CLES]
    connexion.execute(
        sql.SQL("create temporary table cles ({}) on commit drop").format(
            sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(c)) for c in colonnes)
        )
    )
    verser(connexion, sql.Identifier("cles"), cles[colonnes])
    connexion.execute(requete("clients.cles_rafraichies"))
    connexion.execute("drop table cles")


def _candidats(connexion: Connexion, prospects: "pd.DataFrame") -> "pd.DataFrame":
    """Read the CRM clients that share an e-mail or a phone key with one of these prospects."""
    import pandas as pd

    if not connexion.execute(requete("clients.a_des_cles")).fetchone():
        return cadre(CANDIDATS, ())
    telephones = prospects["cles_telephone"].dropna().str.split(" ").explode()
    cherchees = pd.concat([prospects["cle_email"], telephones.astype(prospects["cle_email"].dtype)])
    connexion.execute("create temporary table cherchees (cle text primary key) on commit drop")
    verser(connexion, sql.Identifier("cherchees"), cherchees.dropna().drop_duplicates().to_frame("cle"))
    connexion.execute("analyze cherchees")
    return lire(connexion, _avec_table(connexion, "clients.candidats"))


def _avec_table(connexion: Connexion, nom: str) -> bytes:
    texte: Any = requete(nom).decode()
    return sql.SQL(texte).format(client=TABLES["client"].nom).as_bytes(connexion)


ETAPE = Etape("client", "clients", "clients", "/", decider)
