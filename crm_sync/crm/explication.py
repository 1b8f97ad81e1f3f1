"""What was done and why, from stored facts: the journal, and one client, contract or link explained field by field.

Reads only. Values are masked where they are private (`domain.masques`); ids, rules, runs and times are whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row

from crm_sync.crm import libelles, snapshot, ventes
from crm_sync.crm.connexion import Bases
from crm_sync.crm.libelles import Libelles
from crm_sync.crm.requetes import requete
from crm_sync.domain.canonique import memes
from crm_sync.domain.masques import masquer, masquer_source
from crm_sync.domain.types import CHAMPS, Champ
from crm_sync.errors import ConfigurationError

LIMITE = 200
Ligne = dict[str, Any]


def journal(
    bases: Bases,
    *,
    synchronisation_id: str | None = None,
    entite: str | None = None,
    crm_id: str | None = None,
    journal_id: int | None = None,
    limite: int = LIMITE,
) -> list[Ligne]:
    """Read the journal, newest first: one entry per written row, as stored."""
    parametres = {
        "synchronisation_id": synchronisation_id,
        "entite": entite,
        "crm_id": crm_id,
        "journal_id": journal_id,
        "limite": limite,
    }
    return _lire(bases, "explication.journal", parametres)


def montrables(bases: Bases, entrees: Sequence[Mapping[str, Any]]) -> list[Ligne]:
    """Give journal entries as they may be shown: `cible` names the row, `champs` is a list with one masked change per field."""
    noms = libelles.lire(bases, entrees)
    montrees = []
    for entree in entrees:
        montree = _montrable(entree)
        champs = [noms.nommer(champ) for champ in montree["champs"]]
        montrees.append({"cible": noms.cible(entree["entite"], entree["crm_id"]), **montree, "champs": champs})
    return montrees


def verifier_run(bases: Bases, run: str) -> None:
    """Make sure that a run is known.

    Raises:
        ConfigurationError: no run has this id.
    """
    if not _lire(bases, "explication.run", {"run": run}):
        raise ConfigurationError(
            f"Aucune exécution ne porte l'identifiant {run} : « crm-sync journal » donne ceux qui ont écrit."
        )


def _montrable(entree: Mapping[str, Any]) -> Ligne:
    champs = [
        {
            "champ": nom,
            "avant": masquer(nom, change.get("avant")),
            "apres": masquer(nom, change.get("apres")),
            "perdant": masquer(nom, change.get("perdant")),
            **{cle: change.get(cle) for cle in ("regle", "gagnant", "source_le", "crm_le")},
            "source_id": change.get("source_id") and masquer_source(entree["entite"], change["source_id"]),
        }
        for nom, change in (entree["champs"] or {}).items()
    ]
    champs += [{"champ": nom, "avant": None, "apres": masquer(nom, v)} for nom, v in (entree["valeurs"] or {}).items()]
    return {**{cle: v for cle, v in entree.items() if cle not in {"valeurs", "champs"}}, "champs": champs}


def pourquoi(bases: Bases, entite: str, crm_id: str, champ: str | None = None) -> Ligne | None:
    """Explain one CRM row: the links that lead to it and, per field, value, the one before, when, which run, side and rule.

    None where the CRM has no such row and we know nothing of it.
    """
    liens = _lire(bases, "explication.liens", {"entite": entite, "crm_id": crm_id})
    entrees = journal(bases, entite=entite, crm_id=crm_id, limite=10_000)
    lignes = snapshot.lire_lignes(bases, entite, [crm_id]).to_pylist()
    if not lignes and not entrees and not liens:
        return None
    noms = libelles.lire(bases, entrees or [{"entite": entite, "crm_id": crm_id}])
    actuelle = lignes[0] if lignes else None
    return {
        "entite": entite,
        "crm_id": crm_id,
        "cible": noms.cible(entite, crm_id),
        "present": actuelle is not None,
        "liens": [{cle: v for cle, v in lien.items() if cle not in {"base", "vu"}} for lien in liens],
        "champs": [
            noms.nommer(_champ(c, actuelle, entrees, liens))
            for c in CHAMPS[entite]
            if actuelle and champ in {None, c.nom}
        ],
        **(_detenteurs(bases, crm_id, noms) if entite == "contrat" else {"historique": []}),
    }


def _detenteurs(bases: Bases, contrat_id: str, noms: Libelles) -> Ligne:
    """Tell who sold a contract, since when that is noted, and each change of either reading."""
    vente = ventes.vente(bases, contrat_id)
    return {
        "vendu_par": vente
        and vente.vendeur
        and {
            "commercial_id": vente.vendeur,
            "commercial": noms.commercial(vente.vendeur),
            "vu_signe_le": vente.vu_signe_le,
        },
        "historique": [
            {
                **change,
                "ancien_commercial": noms.commercial(change["ancien_commercial_id"]),
                "commercial": noms.commercial(change["commercial_id"]),
            }
            for change in _lire(bases, "explication.historique", {"crm_id": contrat_id})
        ],
    }


def lien(bases: Bases, entite: str, source_id: str) -> Ligne | None:
    """Read the link of one source node; None where there is none."""
    lignes = _lire(bases, "explication.lien", {"entite": entite, "source_id": source_id})
    return lignes[0] if lignes else None


def _champ(champ: Champ, actuelle: Mapping[str, str | None], entrees: Sequence[Ligne], liens: Sequence[Ligne]) -> Ligne:
    """Explain one field: the last thing that the journal says of it, unless the CRM holds something else by now."""
    valeur = actuelle[f"crm_{champ.nom}"]
    for entree in entrees:
        change = (entree["champs"] or {}).get(champ.nom)
        if change is None and champ.nom in (entree["valeurs"] or {}):
            change = {"avant": None, "apres": entree["valeurs"][champ.nom], "gagnant": "source", "regle": "creation"}
        if change is None:
            continue
        faits = {
            "quand": entree["applique_le"],
            "run": entree["synchronisation_id"],
            "journal_id": entree["journal_id"],
        }
        if memes(valeur, change.get("apres"), champ.genre):
            return {
                "champ": champ.nom,
                "valeur": masquer(champ.nom, valeur),
                "avant": masquer(champ.nom, change.get("avant")),
                "cote": change.get("gagnant") or "source",
                "regle": change.get("regle") or entree["regle"],
                "preuve": {cle: change.get(cle) for cle in ("source_id", "source_le", "crm_le") if change.get(cle)},
                **faits,
            }
        return _du_crm(champ, valeur, change.get("apres"), liens, faits)
    return _du_crm(champ, valeur, None, liens, {})


def _du_crm(
    champ: Champ, valeur: str | None, avant: str | None, liens: Sequence[Ligne], faits: Mapping[str, Any]
) -> Ligne:
    """Explain a value that no sync wrote: the CRM's own, with when it was first seen where a sync saw it.

    `faits` tell of the write of ours that it replaced: they are evidence, not the origin of the value.
    """
    vus = [
        vu["le"]
        for lien in liens
        if (vu := (lien["vu"] or {}).get(champ.nom)) and memes(vu["valeur"], valeur, champ.genre)
    ]
    return {
        "champ": champ.nom,
        "valeur": masquer(champ.nom, valeur),
        "avant": masquer(champ.nom, avant),
        "cote": "crm",
        "regle": "valeur du CRM",
        "preuve": {
            **({"vu_le": min(vus)} if vus else {}),
            **({"ecrit_avant_le": faits["quand"], "ecrit_avant_par": faits["run"]} if faits else {}),
        },
        "quand": min(vus) if vus else None,
        "run": None,
        "journal_id": None,
    }


def _lire(bases: Bases, nom: str, parametres: Mapping[str, Any]) -> list[Ligne]:
    with bases.connexion("sync").cursor(row_factory=dict_row) as curseur:
        return curseur.execute(requete(nom), parametres).fetchall()
