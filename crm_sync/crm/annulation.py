"""Taking a run back, and putting a lost value back: plans read backwards from the journal, applied like any other.

An undo is a run of its own (`synchronisation.genre`), with lots and a journal. What it restored stays until the source
changes again, because the links keep the source's values as their base.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
from psycopg import sql

from crm_sync.crm import apply, explication, journal, libelles, snapshot
from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import provisoire, verser
from crm_sync.crm.correspondance import TableCrm
from crm_sync.crm.libelles import Libelles
from crm_sync.crm.requetes import requete
from crm_sync.domain.annulation import Present, Retour, Sort, retour
from crm_sync.domain.lots import tableau
from crm_sync.domain.types import CHAMPS
from crm_sync.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

ORDRE = ("information_paiement", "contrat", "apporteur", "utilisateur", "client")
"""What hangs on something goes before what it hangs on."""

USAGES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "client": (
        ("contrat", "client_id", "un contrat"),
        ("information_paiement", "client_id", "des coordonnées bancaires"),
    ),
    "apporteur": (("contrat", "commercial_id", "un contrat"),),
    "utilisateur": (("apporteur", "utilisateur_id", "un apporteur"),),
}
TOUTES = 10_000_000
NON_ECRIT = "CRM_MAPPING ne permet pas d'écrire ce champ"
RESTAURE: Sort = "restaure"

Sorts = list[dict[str, Any]]


def annuler(bases: Bases, run: str, moi: str, *, montrer: bool, titulaire: Any) -> Sorts:
    """Take a run back; gives one line per row and field: entity, CRM id, name, field, `restaure`, `garde` or `impossible`, why.

    With `montrer` nothing is written. `moi` is the id of the undoing run, `titulaire` raises where the lock is lost.

    Raises:
        ConfigurationError: no such run, or it wrote nothing.
    """
    explication.verifier_run(bases, run)
    entrees = explication.journal(bases, synchronisation_id=run, limite=TOUTES)
    if not entrees:
        raise ConfigurationError(
            f"L'exécution {run} n'a rien écrit dans le CRM : il n'y a rien à annuler. "
            "« crm-sync journal » donne celles qui ont écrit."
        )
    noms = libelles.lire(bases, entrees)
    sorts: Sorts = []
    retires: dict[str, set[str]] = defaultdict(set)
    for entite in ORDRE:
        siennes = [entree for entree in entrees if entree["entite"] == entite]
        if siennes:
            retours = _retours(bases, entite, siennes, retires)
            retires[entite] = {r.crm_id for r in retours if r.retirer}
            if not montrer:
                refuses = _appliquer(bases, entite, retours, moi, run, titulaire)
                retours = [_refuser(r) if r.crm_id in refuses else r for r in retours]
            sorts += [
                _sort(noms, entite, r.crm_id, champ, sort, raison) for r in retours for champ, sort, raison in r.sorts
            ]
    return sorts


def perdus(bases: Bases, journal_id: int, champ: str | None) -> tuple[dict[str, Any], dict[str, str | None]]:
    """Read a journal entry and the values that it tells as lost, by field.

    Raises:
        ConfigurationError: no such entry, or nothing was lost by it.
    """
    entree = next(iter(explication.journal(bases, journal_id=journal_id)), None)
    changes = {
        nom: change.get("perdant") or change.get("avant")
        for nom, change in ((entree or {}).get("champs") or {}).items()
        if champ in {None, nom}
    }
    perdues = {nom: valeur for nom, valeur in changes.items() if valeur is not None}
    if entree is None or not perdues:
        raise ConfigurationError(
            f"Le journal n'a pas de valeur perdue sous {journal_id}{'.' + champ if champ else ''}. "
            "« crm-sync journal » montre celles que l'on peut remettre."
        )
    return entree, perdues


def restaurer(bases: Bases, journal_id: int, champ: str | None, moi: str, *, titulaire: Any) -> Sorts:
    """Put the values back that a journal entry tells as lost: the loser of a conflict, else the value before.

    Raises:
        ConfigurationError: see `perdus`.
    """
    entree, perdues = perdus(bases, journal_id, champ)
    entite, crm_id = entree["entite"], entree["crm_id"]
    noms = libelles.lire(bases, [entree])
    present = _presents(bases, entite, [crm_id]).get(crm_id)
    if present is None:
        return [_sort(noms, entite, crm_id, nom, "impossible", "la ligne n'existe plus dans le CRM") for nom in perdues]
    sorts = tuple((nom, RESTAURE, "tient jusqu'au prochain changement") for nom in perdues)
    remis = _permis(bases.crm[entite], Retour(crm_id, present.jeton, perdues, sorts=sorts))
    if _appliquer(bases, entite, [remis], moi, entree["synchronisation_id"], titulaire):
        return [_sort(noms, entite, crm_id, nom, "garde", "modifié à l'instant ; relancer") for nom in perdues]
    return [_sort(noms, entite, crm_id, nom, sort, raison) for nom, sort, raison in remis.sorts]


def _sort(noms: Libelles, entite: str, crm_id: str, champ: str, sort: str, raison: str) -> dict[str, Any]:
    cible = noms.cible(entite, crm_id)
    return {"entite": entite, "crm_id": crm_id, "cible": cible, "champ": champ, "sort": sort, "raison": raison}


def _refuser(r: Retour) -> Retour:
    """Turn a return that the guard did not let through: somebody changed the row a moment ago."""
    return Retour(r.crm_id, sorts=tuple((champ, "garde", "modifié à l'instant") for champ, _, _ in r.sorts))


def _retours(
    bases: Bases, entite: str, entrees: Sequence[Mapping[str, Any]], retires: Mapping[str, set[str]]
) -> list[Retour]:
    presents = _presents(bases, entite, [entree["crm_id"] for entree in entrees])
    creees = [entree["crm_id"] for entree in entrees if entree["action"] == "creation"]
    usages = _usages(bases, entite, creees, retires)
    table = bases.crm[entite]
    return [
        _permis(table, retour(entite, entree, presents.get(entree["crm_id"]), usages.get(entree["crm_id"], ())))
        for entree in entrees
    ]


def _permis(table: TableCrm, r: Retour) -> Retour:
    """Leave out what the mapping does not let us write (any more)."""
    interdits = [champ for champ in r.champs if not table.modifiable(champ)]
    if not interdits:
        return r
    sorts = tuple(
        (champ, "impossible" if champ in interdits else sort, NON_ECRIT if champ in interdits else raison)
        for champ, sort, raison in r.sorts
    )
    champs = {champ: valeur for champ, valeur in r.champs.items() if champ not in interdits}
    return replace(r, champs=champs, sorts=sorts)


def _presents(bases: Bases, entite: str, crm_ids: Iterable[str]) -> dict[str, Present]:
    noms = [c.nom for c in CHAMPS[entite]]
    return {
        ligne["crm_id"]: Present(
            ligne["jeton"],
            {nom: ligne[f"crm_{nom}"] for nom in noms},
            ligne["notre_ecriture"] == "true",
        )
        for ligne in snapshot.lire_lignes(bases, entite, crm_ids).to_pylist()
        if ligne["supprime"] != "true"  # nothing of a row that the CRM marks as deleted is written
    }


def _usages(bases: Bases, entite: str, crm_ids: Sequence[str], retires: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Say who uses these rows, beyond what is taken away with them."""
    usages: dict[str, list[str]] = defaultdict(list)
    for autre, colonne, texte in USAGES.get(entite, ()):
        table = bases.crm[autre]
        demande = sql.SQL(
            "select distinct t.{colonne}::text from {table} as t where t.{colonne}::text = any(%s) and t.id::text <> all(%s)"
        )
        composee = demande.format(colonne=sql.Identifier(colonne), table=table.relation)
        with bases.transaction(table.service) as connexion:
            for (crm_id,) in connexion.execute(composee, (list(crm_ids), sorted(retires.get(autre, ())))):
                usages[crm_id].append(texte)
    for (crm_id,) in bases.connexion("sync").execute(
        requete("annulation.autres_liens"), {"entite": entite, "crm_ids": list(crm_ids)}
    ):
        usages[crm_id].append("une autre fiche de la source")
    return usages


def _appliquer(
    bases: Bases, entite: str, retours: Sequence[Retour], moi: str, run: str, titulaire: Any
) -> frozenset[str]:
    """Write one entity's returns; gives the CRM ids that the guard refused."""
    from pyarrow import compute as pc

    plan = _plan(bases, entite, retours, run)
    if not plan.num_rows:
        return frozenset()
    lot_id = str(uuid4())
    journal.prevoir(bases, moi, entite, lot_id, plan, None, titulaire)

    @contextmanager
    def garde() -> Iterator[None]:
        with bases.transaction("sync"):
            titulaire()
            yield

    supprimees = plan["crm_id"].filter(pc.equal(plan["action"], "suppression")).to_pylist()

    def ensuite(connexion: Connexion, refuses: list[str]) -> None:
        if entite == "contrat":
            connexion.execute(requete("annulation.ventes"), {"crm_ids": sorted(set(supprimees) - set(refuses))})

    application = apply.appliquer(bases, entite, lot_id, plan, garde=garde, ensuite=ensuite)
    remis = {
        r.crm_id: {champ: {"valeur": valeur, "le": application.ecrit_a} for champ, valeur in r.champs.items()}
        for r in retours
        if r.champs and r.crm_id not in application.refuses
    }
    with bases.transaction("sync") as connexion:
        retirees = sorted(set(supprimees) - application.refuses)
        connexion.execute(requete("annulation.retirer_liens"), {"entite": entite, "crm_ids": retirees})
        with provisoire(connexion, "remis", sql.SQL("crm_id text primary key, vu jsonb")) as table:
            lignes = [(crm_id, msgspec.json.encode(vu).decode()) for crm_id, vu in remis.items()]
            verser(connexion, table, tableau(("crm_id", "vu"), lignes))
            connexion.execute(requete("annulation.epingler"), {"entite": entite})
    journal.clore(bases, lot_id, application)
    return application.refuses


def _plan(bases: Bases, entite: str, retours: Sequence[Retour], run: str) -> "pa.RecordBatch":
    """Write returns as a plan: one row per CRM row."""
    noms = [c.nom for c in CHAMPS[entite]]
    presents = _presents(bases, entite, [r.crm_id for r in retours if r.champs or r.retirer])
    preuve = msgspec.json.encode({"annule": run}).decode()
    lignes: list[tuple[str | None, ...]] = []
    for r in retours:
        if not (r.champs or r.retirer) or r.crm_id not in presents:
            continue
        valeurs = presents[r.crm_id].valeurs
        cibles = dict.fromkeys(noms) if r.retirer else r.champs
        champs = {
            nom: {"avant": valeurs.get(nom), "apres": apres, "regle": "annulation", "gagnant": "personne"}
            for nom, apres in cibles.items()
            if not (r.retirer and valeurs.get(nom) is None)
        }
        lignes.append(
            (
                r.crm_id,
                "suppression" if r.retirer else "modification",
                r.jeton,
                None if r.retirer else "{" + ",".join(r.champs) + "}",
                msgspec.json.encode(champs).decode(),
                "annulation",
                preuve,
                *(r.champs.get(nom) for nom in noms),
            )
        )
    colonnes = ("crm_id", "action", "jeton", "a_ecrire", "champs", "regle", "preuve", *noms)
    return tableau(colonnes, lignes)
