"""Contracts as people see them: one, those of a client, a page of those of a sales rep.

Grain: one dict per contract, of the shape that the read API gives. Names of clients are read in their own database. Who may ask
is decided before (`visibilite`); a page of *vendu* filters itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from psycopg import sql
from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases
from crm_sync.crm.lecture import composer, lire
from crm_sync.crm.requetes import requete
from crm_sync.crm.visibilite import Spectateur
from crm_sync.domain.statuts import STATUTS, STATUTS_VENDUS

Lecture = Literal["portefeuille", "vendu"]
Ligne = dict[str, Any]
COLONNES = (
    *("reference", "description", "statut", "statut_source", "type", "fournisseur", "produit", "montant"),
    *("date_signature", "date_validation", "document_url", "audit_trail_url", "created_at", "updated_at"),
    *("detenteur_id", "vendeur_id"),
)
IDS = ("id", "client_id")


@dataclass(frozen=True, slots=True)
class Filtre:
    """Which contracts are meant: days of signature in Paris, both included; no status is all of them."""

    du: date | None = None
    au: date | None = None
    statuts: tuple[str, ...] = ()

    @property
    def vide(self) -> bool:
        """Tell whether every contract is meant."""
        return self.du is None and self.au is None and not self.statuts

    @property
    def parametres(self) -> dict[str, Any]:
        """Give it as parameters of statements."""
        return {"du": self.du, "au": self.au, "choisis": list(self.statuts) or None}


def non_attribue(bases: Bases) -> str | None:
    """Give the id of the reserved apporteur; None where there is none yet."""
    lignes = lire(bases, "sync", "contrats.lien_non_attribue")
    return str(lignes[0]["crm_id"]) if lignes else None


def contrat(bases: Bases, contrat_id: str) -> Ligne | None:
    """Read one contract; None where the CRM has none of that id, or it is marked as deleted."""
    lignes = _lire(bases, "un", id=contrat_id)
    return _completer(bases, lignes)[0] if lignes else None


def du_client(bases: Bases, client_id: str) -> list[Ligne]:
    """Read a client's contracts, the latest signature first."""
    return _completer(bases, _lire(bases, "du_client", id=client_id))


def page(
    bases: Bases,
    qui: Spectateur,
    commercial_id: str,
    lecture: Lecture,
    filtre: Filtre,
    *,
    limite: int,
    apres: tuple[str, str] | None,
) -> tuple[list[Ligne], tuple[str, str] | None]:
    """Read a page of a sales rep's contracts, the latest signature first, and where the next begins (None: this was the last).

    `apres`: where the page before ended: its last contract's instant as Postgres prints it, and id.
    """
    lignes = _lire(
        bases,
        "du_commercial",
        id=commercial_id,
        lecture=lecture,
        voit_tout=qui.voit_tout,
        apporteurs=qui.liste_apporteurs,
        limite=limite + 1,
        apres_le=apres[0] if apres else None,
        apres_id=apres[1] if apres else None,
        **filtre.parametres,
    )
    suite = (lignes[limite - 1]["cle_le"], lignes[limite - 1]["id"]) if len(lignes) > limite else None
    return _completer(bases, lignes[:limite]), suite


def lus(bases: Bases) -> sql.Composed:
    """Give the contracts as people see them as a sub-select; its parameters are `parametres_lus`."""
    return sql.SQL("({})").format(composer(bases.crm, "contrats_vus.lus"))


def parametres_lus(bases: Bases) -> dict[str, Any]:
    """Give the parameters of `lus`."""
    return {"statuts": list(STATUTS), "vendus": list(STATUTS_VENDUS), "non_attribue": non_attribue(bases)}


def _lire(bases: Bases, nom: str, **parametres: Any) -> list[Ligne]:
    colonnes = [
        *(sql.SQL("c.{0}::text as {0}").format(sql.Identifier(champ)) for champ in IDS),
        *(sql.Identifier("c", champ) for champ in COLONNES),
    ]
    composee = composer(bases.crm, f"contrats_vus.{nom}", lus=lus(bases), colonnes=sql.SQL(", ").join(colonnes))
    with bases.transaction("commercial") as connexion, connexion.cursor(row_factory=dict_row) as curseur:
        return curseur.execute(composee, parametres_lus(bases) | parametres).fetchall()


def _completer(bases: Bases, lignes: Sequence[Ligne]) -> list[Ligne]:
    """Put names to ids, and say since when the source no longer has a contract."""
    vendeurs = noms_apporteurs(bases, (ligne[cle] for ligne in lignes for cle in ("detenteur_id", "vendeur_id")))
    clients = noms_clients(bases, (ligne["client_id"] for ligne in lignes))
    disparus = disparitions(bases, "contrat", [ligne["id"] for ligne in lignes])
    return [
        {
            **{cle: v for cle, v in ligne.items() if cle not in {"detenteur_id", "vendeur_id", "cle_le"}},
            "client": clients.get(ligne["client_id"]),
            "portefeuille": _nomme(ligne["detenteur_id"], vendeurs),
            "vendu_par": _nomme(ligne["vendeur_id"], vendeurs),
            "disparu_le": disparus.get(ligne["id"]),
        }
        for ligne in lignes
    ]


def _nomme(crm_id: str | None, noms: dict[str, str | None]) -> Ligne | None:
    return None if crm_id is None else {"id": crm_id, "nom": noms.get(crm_id)}


def noms_apporteurs(bases: Bases, ids: Iterable[str | None]) -> dict[str, str | None]:
    """Give the names of these sales reps by id; None for one without a name, nothing for one that is not there."""
    connus = bases.crm["apporteur"].ids({crm_id for crm_id in ids if crm_id})
    lignes = lire(bases, "commercial", "contrats_vus.apporteurs", ids=connus) if connus else []
    return {ligne["id"]: ligne["nom"] for ligne in lignes}


def noms_clients(bases: Bases, ids: Iterable[str | None]) -> dict[str, str | None]:
    """Give the names of these clients by id."""
    connus = bases.crm["client"].ids({crm_id for crm_id in ids if crm_id})
    lignes = lire(bases, "core", "contrats_vus.clients", ids=connus) if connus else []
    return {ligne["id"]: ligne["nom"] for ligne in lignes}


def disparitions(bases: Bases, entite: str, ids: Sequence[str]) -> dict[str, Any]:
    """Give since when the source no longer has these rows, by id; only of those that are marked."""
    if not ids:
        return {}
    with bases.transaction("sync") as connexion:
        lignes = connexion.execute(requete("fiche.disparus"), {"entite": entite, "ids": list(ids)}).fetchall()
    return dict(lignes)
