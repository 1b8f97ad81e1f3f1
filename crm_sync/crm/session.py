"""One sync from its first stage to its end: the lock, its row in `synchronisation`, the requests it serves, its result.

Grain: one `Session` per Dagster run. Stages report to it; at the end it writes the outcome where ops, the CRM's button and
the command line read it.
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

import msgspec

from crm_sync.crm import doublons, livres, repos
from crm_sync.crm.connexion import Bases, erreurs_traduites, la_ligne
from crm_sync.crm.disparition import Constat
from crm_sync.crm.ecriture import Bilan, Contexte
from crm_sync.crm.normalises import Lecteur
from crm_sync.crm.requetes import requete
from crm_sync.crm.verrou import ATTENTE_S, Verrou
from crm_sync.errors import CrmSyncError, RefusedError

_etapes = logging.getLogger("crm_sync.etapes")

LECTURE = "lecture"
"""The step at which the source is read; the first of a full sync."""

INTERROMPUE = (
    "La synchronisation s'est arrêtée brutalement ; ce qui était écrit est complet, la suivante reprend le reste."
)
ARRETEE = "La synchronisation a été interrompue ; la suivante reprend où elle s'est arrêtée."
CONTROLE = "Un contrôle a échoué ({nom}) ; la suite n'a pas été exécutée. Voir Dagster."
IMPREVU = (
    "Erreur imprévue ; le détail technique est dans les journaux de Dagster. Relancer, et prévenir si cela persiste."
)


@contextmanager
def sans_ramasse_miettes() -> Iterator[None]:
    """Keep Python's cyclic collector from walking every live row again and again: nothing here makes cycles."""
    actif = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if actif:
            gc.enable()


@dataclass
class Session:
    """A sync in progress. Warnings and counts gather here; `clore` writes them down.

    `lecteur` reads the payloads of this sync, and is closed with it.
    `genre` says what kind of run it is; `a_blanc` decides all and writes nothing in the CRM, inside transactions that the caller
    rolls back: only the lock is real.
    """

    bases: Bases
    synchronisation_id: str
    lecteur: Lecteur | None = None
    attente_s: float = ATTENTE_S
    genre: str = "synchronisation"
    a_blanc: bool = False
    avertissements: list[str] = field(default_factory=list)
    bilans: dict[str, Bilan] = field(default_factory=dict)
    disparition: Constat = field(default_factory=Constat)
    _livres: dict[str, livres.Livre] = field(default_factory=dict)
    _ouverte: bool = False
    _echec: CrmSyncError | None = None
    _message: str | None = None
    _etape: str | None = None

    def __post_init__(self) -> None:
        # A lock taken inside a transaction that is rolled back would be none.
        self._bases_verrou = Bases(self.bases.urls) if self.a_blanc else self.bases
        self._verrou = Verrou(self._bases_verrou, self.synchronisation_id)
        self._prevues: dict[str, set[str]] = {}
        self._debut = self._debut_etape = monotonic()

    @property
    def contexte(self) -> Contexte:
        """What a writing stage needs."""
        return Contexte(self.bases, self.synchronisation_id, self._verrou.verifier, self.a_blanc, self._prevues)

    @contextmanager
    def etape(self, nom: str) -> Iterator[None]:
        """Run a stage under the lock, taking it at the first; a failure becomes the outcome of the sync.

        Raises:
            CrmSyncError: what the stage raised, translated where it came from the driver.
        """
        with ExitStack() as pile:
            pile.push(self._noter_echec)
            pile.enter_context(erreurs_traduites(self.bases.lieu("sync")))
            self._debut_etape = monotonic()
            self._ouvrir(nom)
            self._dire_etape(nom)
            pile.enter_context(sans_ramasse_miettes())
            yield

    def _noter_echec(self, _kind: object, erreur: BaseException | None, _trace: object) -> None:
        """Keep why a stage failed; what is none of our errors may hold a value, so only a fixed sentence is kept of it."""
        if isinstance(erreur, CrmSyncError):
            self._echec, self._message = erreur, str(erreur)
        elif erreur is not None:
            self._message = IMPREVU if isinstance(erreur, Exception) else ARRETEE

    @property
    def duree_etape_s(self) -> float:
        """Seconds since the present stage began, waiting for the lock included."""
        return round(monotonic() - self._debut_etape, 3)

    def controler(self, nom: str, *, passe: bool) -> None:
        """Hold a check that stops the line: where it fails the sync has failed, whatever its stages say."""
        if not passe:
            self._message = CONTROLE.format(nom=nom)

    @property
    def au_repos(self) -> bool:
        """Whether nothing has moved since nothing waited (`crm.repos`)."""
        return repos.livres_au_repos(self.bases.connexion("sync")) is not None

    def livre_au_repos(self, entite: str) -> livres.Livre | None:
        """Give the books of an entity where the chain is at rest; None where there may be something to do."""
        tous = repos.livres_au_repos(self.bases.connexion("sync"))
        if tous is None:
            return None
        self._livres[entite] = tous[entite]
        return tous[entite]

    def livre(self, entite: str) -> livres.Livre:
        """Draw up the books of an entity after its stage, and keep them for the result."""
        self._livres[entite] = livres.livre(self.bases, entite, self.synchronisation_id)
        return self._livres[entite]

    def noter_reponse(self, reponse_id: int) -> None:
        """Say which answer this sync read."""
        self.bases.connexion("sync").execute(
            requete("synchronisations.reponse"),
            {"moi": self.synchronisation_id, "reponse_id": reponse_id},
        )

    def resultat_a_blanc(self) -> dict[str, Any]:
        """Give the result of a run that wrote nothing, before its transactions are rolled back."""
        return self._resultat("reussie")

    def liberer(self) -> None:
        """Give the lock back and close, without an outcome: a run that wrote nothing has none."""
        self._clore_lecteur()
        if self._ouverte:
            self._verrou.rendre()
        self._bases_verrou.close()
        self.bases.close()

    def clore(self) -> None:
        """Write the outcome, answer the requests, give the lock back; nothing to do where no stage began."""
        self._clore_lecteur()
        if not self._ouverte:
            self.bases.close()
            return
        if self._message is not None:
            self.bases.close()  # a stage that was stopped may have left a statement in progress
        try:
            with erreurs_traduites(self.bases.lieu("sync")):
                self._ecrire_resultat()
                self._noter_repos()
        finally:
            self._verrou.rendre()
            self._bases_verrou.close()
            self.bases.close()

    def _clore_lecteur(self) -> None:
        if self.lecteur is not None:
            self.lecteur.close()

    def _ouvrir(self, nom: str) -> None:
        if self._ouverte:
            return
        self._verrou.prendre(self.attente_s)
        self._ouverte = True
        connexion = self.bases.connexion("sync")
        moi = {"moi": self.synchronisation_id, "message": INTERROMPUE, "genre": self.genre}
        with connexion.transaction():
            connexion.execute(requete("synchronisations.commencer"), moi)
            connexion.execute(requete("synchronisations.abandonner_autres"), moi)
            connexion.execute(requete("synchronisations.abandonner_demandes"), moi)
            if nom == LECTURE and not self.a_blanc:  # a run that does not read the source answers no request
                connexion.execute(requete("synchronisations.adopter_demandes"), moi)

    def _dire_etape(self, nom: str) -> None:
        if nom == self._etape:
            return
        self._etape = nom
        _etapes.info(nom)
        parametres = {"moi": self.synchronisation_id, "etape": nom}
        self.bases.connexion("sync").execute(requete("synchronisations.etape"), parametres)

    def _ecrire_resultat(self) -> None:
        statut = (
            "reussie" if self._message is None else "refusee" if isinstance(self._echec, RefusedError) else "echouee"
        )
        resultat = self._resultat(statut)
        connexion = self.bases.connexion("sync")
        parametres = {
            "moi": self.synchronisation_id,
            "statut": statut,
            "message": resultat["message"],
            "resultat": msgspec.json.encode(resultat).decode(),
            "avertissements": msgspec.json.encode(self.avertissements).decode(),
        }
        with connexion.transaction():
            connexion.execute(requete("synchronisations.terminer"), parametres)
            connexion.execute(requete("synchronisations.terminer_demandes"), parametres)

    def _noter_repos(self) -> None:
        """Note the rest where every stage ran in this sync and left nothing that waits."""
        complets = set(self.bilans) == set(livres.ENTITES)
        if complets and self._message is None and not any(bilan.attendent for bilan in self.bilans.values()):
            repos.noter(self.bases.connexion("sync"), self._livres)

    def _resultat(self, statut: str) -> dict[str, Any]:
        """The JSON of the contract: what `sync --json` prints and the request's row holds."""
        ouverts = la_ligne(self.bases.connexion("sync").execute(requete("synchronisations.ouverts")))
        comptes = {
            entite: asdict(self._livres.get(entite) or livres.livre(self.bases, entite, self.synchronisation_id))
            for entite in livres.ENTITES
        }
        ecrites = sum(compte["crees"] + compte["modifies"] for compte in comptes.values())
        fait = "1 ligne du CRM créée ou modifiée." if ecrites == 1 else f"{ecrites} lignes du CRM créées ou modifiées."
        rien = fait if ecrites else "Rien n'a changé."
        return {
            "statut": statut,
            "run_id": self.synchronisation_id,
            "avertissements": self.avertissements,
            "message": self._message or f"Synchronisation réussie. {rien}",
            "prospects": int(ouverts[1]),
            **comptes,
            "rejets": int(ouverts[0]),
            "doublons_possibles": doublons.compter(self.bases),
            "conflits": sum(bilan.conflits for bilan in self.bilans.values()),
            "disparus": self.disparition.nombre_disparus,
            "retraits_en_attente": int(ouverts[2]),
            "duree_s": round(monotonic() - self._debut, 3),
        }


def dernier_resultat(bases: Bases, synchronisation_id: str) -> dict[str, Any] | None:
    """Read the result that a sync wrote; None where it wrote none."""
    ligne = (
        bases.connexion("sync").execute(requete("synchronisations.resultat"), {"moi": synchronisation_id}).fetchone()
    )
    return ligne[0] or None if ligne else None
