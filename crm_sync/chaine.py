"""The stages of a sync outside Dagster: up to the write (`plan`), and from the write on (what a person decided or undoes).

The same functions as the assets call, in the same order. A full sync is always a Dagster run (`execution`).
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from crm_sync.assets.bruts import lire_source
from crm_sync.assets.crm import ecrire_entite
from crm_sync.assets.normalises import normaliser
from crm_sync.crm import (
    a_blanc,
    annulation,
    clients,
    commerciaux,
    contrats,
    disparition,
    doublons,
    explication,
    kpi,
    paiements,
    ventes,
)
from crm_sync.crm.connexion import Bases
from crm_sync.crm.session import LECTURE, Session
from crm_sync.source.client import Endpoint

ORDRE = (commerciaux.ETAPE, clients.ETAPE, contrats.ETAPE, paiements.ETAPE)


def planifier(bases: Bases, endpoint: Endpoint) -> dict[str, Any]:
    """Decide a full sync and write nothing; gives the result JSON of a sync, with `plan` beside it.

    `plan`: `ecritures` (rows made or changed, field by field, masked), `creations` (with why no match was found), `regles`
    (new links by rule), `kpi` (movement per sales rep), `doublons_possibles` (pairs that would wait for a person), `retraits`
    (what the source no longer sends, see `disparition.etat`), `inconnu` (what cannot be known before).

    Raises:
        CrmSyncError: as a sync would; RefusedError where one runs.
    """
    session = Session(bases, str(uuid4()), a_blanc=True)
    moi = session.synchronisation_id
    try:
        with a_blanc.transactions_annulees(bases):
            with session.etape(LECTURE):
                session.noter_reponse(lire_source(session, endpoint).reponse_id)
            with session.etape("rapprochement"):
                normaliser(session)
            for etape in ORDRE:
                with session.etape("décision"):
                    ecrire_entite(session, etape)
            with session.etape("décision"):
                creations = a_blanc.creations(bases, moi)
                return {
                    **session.resultat_a_blanc(),
                    "message": "Rien n'a été écrit dans le CRM.",
                    "plan": {
                        "ecritures": a_blanc.entrees(bases, moi),
                        "creations": creations,
                        "regles": a_blanc.regles(bases, moi),
                        "kpi": a_blanc.mouvement(bases, moi),
                        "doublons_possibles": a_blanc.doublons_possibles(bases, creations),
                        "retraits": disparition.etat(bases),
                        "inconnu": list(a_blanc.INCONNU),
                    },
                }
    finally:
        session.liberer()


def decider(bases: Bases, verdict: str, a: str, b: str, par: str) -> Session:
    """Record what a person decided of two records (see `crm.doublons`), and carry it out without reading the source.

    Raises:
        ConfigurationError: a record that is none; nothing was recorded.
        CrmSyncError: as a sync would; what was recorded stays, the next sync carries it out.
    """
    doublons.verifier(bases, a, b)

    def ecrire(session: Session) -> None:
        doublons.decider(bases, verdict, a, b, par)
        for etape in ORDRE:
            ecrire_entite(session, etape)

    return _sous_verrou(bases, "decision", ecrire)


def annuler(bases: Bases, run: str, *, montrer: bool) -> tuple[str, annulation.Sorts]:
    """Take a run back, or show what that would do; gives the id of the undoing run, and one line per row and field.

    Raises:
        ConfigurationError: no such run.
        CrmSyncError: as a sync would.
    """
    explication.verifier_run(bases, run)
    if montrer:
        return "", annulation.annuler(bases, run, "", montrer=True, titulaire=lambda: None)
    sorts: annulation.Sorts = []

    def ecrire(session: Session) -> None:
        contexte = session.contexte
        moi = session.synchronisation_id
        sorts.extend(annulation.annuler(bases, run, moi, montrer=False, titulaire=contexte.encore_titulaire))

    return _sous_verrou(bases, "annulation", ecrire).synchronisation_id, sorts


def restaurer(bases: Bases, journal_id: int, champ: str | None) -> tuple[str, annulation.Sorts]:
    """Put back what a journal entry tells as lost; gives the id of the run that does it, and one line per field.

    Raises:
        ConfigurationError: no such entry, or nothing was lost by it.
        CrmSyncError: as a sync would.
    """
    annulation.perdus(bases, journal_id, champ)  # a wrong argument is no run that failed
    sorts: annulation.Sorts = []

    def ecrire(session: Session) -> None:
        contexte = session.contexte
        moi = session.synchronisation_id
        sorts.extend(annulation.restaurer(bases, journal_id, champ, moi, titulaire=contexte.encore_titulaire))

    return _sous_verrou(bases, "restauration", ecrire).synchronisation_id, sorts


def corriger_vente(bases: Bases, contrat: str, commercial: str) -> ventes.Correction:
    """Record that a contract was sold by somebody else than noted, at once: an explicit act, with its place in the history.

    Raises:
        ConfigurationError, RefusedError: see `ventes.corriger`.
        CrmSyncError: as a sync would.
    """
    ventes.preparer(bases, contrat, commercial)  # a wrong argument is no run that failed
    corrections: list[ventes.Correction] = []

    def ecrire(session: Session) -> None:
        contexte = session.contexte
        moi = session.synchronisation_id
        corrections.append(ventes.corriger(bases, contrat, commercial, moi, contexte.encore_titulaire))

    _sous_verrou(bases, "decision", ecrire)
    return corrections[0]


def _sous_verrou(bases: Bases, genre: str, ecrire: Callable[[Session], None]) -> Session:
    """Run something under the sync's lock, as a run of its own, and bring the KPI up to date."""
    session = Session(bases, str(uuid4()), genre=genre)
    try:
        with session.etape("écriture"):
            ecrire(session)
        with session.etape("indicateurs"):
            kpi.recalculer(bases)
    finally:
        session.clore()
    return session
