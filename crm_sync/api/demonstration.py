"""`crm-sync serve --demo`: the API with its elements on stand-ins of the CRM's pages, over the reference data.

Whoever reaches the port is logged in as any of three invented users; so it serves the embedded database and the reference source
and nothing else. Where no `crm-sync dev` serves the button, it does so itself: a sync as a process of its own, for which the
source moves on.
"""

import fcntl
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import time
from typing import Any
from urllib.parse import urlsplit

import jwt
from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_sync.api import problemes
from crm_sync.api.app import application
from crm_sync.api.fichiers import ENTETES, servir_dossier
from crm_sync.api.jetons import Jetons
from crm_sync.api.serveur import bassin, ecoute, tourner
from crm_sync.crm import demandes, demonstration
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.embedded import serveur_embarque
from crm_sync.errors import CrmSyncError, RefusedError
from crm_sync.processus import Enfant, Enfants
from crm_sync.settings import Settings, load_settings
from crm_sync.source.reference import SourceReference

PAGES = Path(__file__).parent.parent / "demo"
PROSPECTS = 300
PART = 0.02
"""Share of the prospects that moves on before a sync that the button asked for."""
TOUR = "demo.tour"
DUREE_JETON_S = 12 * 3600
ATTENTE_S = 1.0
ARRET_S = 3.0
ECHEC = "La synchronisation de démonstration a échoué. Voir demo.log dans CRM_SYNC_HOME."
BOUCLE_LOCALE = frozenset({"127.0.0.1", "localhost", "::1"})


def servir(port: int, annoncer: Callable[[str], None]) -> None:
    """Serve the demo on `port` of the loopback until SIGTERM or Ctrl-C.

    Raises:
        RefusedError: the environment names a database, a CRM or a source that is not the demo's.
        ConfigurationError: the port is taken.
        EmbeddedPostgresError: the embedded Postgres cannot start.
        CrmSyncError: the first sync failed.
    """
    lus = load_settings()
    with ExitStack() as pile:
        prise = pile.enter_context(ecoute(port))
        url = pile.enter_context(serveur_embarque(lus.crm_sync_home)).url("crm")
        refuser_ailleurs(lus, url)
        reglages = reglages_propres(lus)
        jetons = Jetons(reglages)
        lectures = pile.enter_context(bassin(reglages))
        source = pile.enter_context(SourceReference(PROSPECTS))
        bases = pile.enter_context(Bases(dict.fromkeys(SERVICES, url)))
        executant = pile.enter_context(Executant(reglages, url, source).en_marche(bases))
        montres = Montres(bases)
        if not montres.lire()[1]:
            executant.premiere()
        app = application(jetons, lectures)
        monter(app, reglages, montres)
        tourner(app, prise, annoncer)


def refuser_ailleurs(reglages: Settings, url: str) -> None:
    """Make sure that everything is the demo's own: who opens the port reads all of it.

    Raises:
        RefusedError: a database that is not the embedded one, a CRM of somebody, or a source on another machine.
    """
    donnees = (
        reglages.crm_database_url,
        reglages.crm_core_database_url,
        reglages.crm_commercial_database_url,
        reglages.crm_finance_database_url,
    )
    if reglages.crm_mapping or any(donnee.get_secret_value() != url for donnee in donnees if donnee):
        raise RefusedError(
            "« serve --demo » ne sert que la base embarquée : elle connecte sans mot de passe. "
            "Retirer CRM_DATABASE_URL, les autres URL de bases et CRM_MAPPING, ou servir sans --demo."
        )
    if reglages.external_api_url and urlsplit(reglages.external_api_url).hostname not in BOUCLE_LOCALE:
        raise RefusedError(
            "« serve --demo » ne montre que les données de référence, et EXTERNAL_API_URL nomme une vraie source : "
            "la base embarquée peut contenir de vraies personnes. Retirer la variable, ou servir sans --demo."
        )


def reglages_propres(lus: Settings) -> Settings:
    """Give the settings of the demo: a secret of its own, and nothing of the CRM's identity service."""
    propres: dict[str, Any] = {
        "crm_jwt_secret": secrets.token_urlsafe(48),
        "crm_jwt_claim": "sub",
        "crm_sync_home": lus.crm_sync_home,
    }
    defauts = {nom: champ.default for nom, champ in Settings.model_fields.items()}
    return Settings(**(defauts | propres))


class Montres:
    """Who can log in and what the pages show, in the database of `bases`: looked for again until there is a contract to show."""

    def __init__(self, bases: Bases) -> None:
        self._urls = dict(bases.urls)
        self._verrou = Lock()
        self._comptes: dict[str, demonstration.Compte] = {}
        self._exemples: dict[str, str] = {}

    def lire(self) -> tuple[dict[str, demonstration.Compte], dict[str, str]]:
        """Give the users by role, and the examples' ids: no commercial and no example before the first sync.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        with self._verrou:
            if not self._exemples:
                with Bases(self._urls) as bases:
                    self._comptes = demonstration.comptes(bases)
                    if commercial := self._comptes.get("commercial"):
                        self._exemples = demonstration.exemples(bases, commercial.commercial_id or "")
            return self._comptes, self._exemples


def monter(app: FastAPI, reglages: Settings, montres: Montres) -> None:
    """Add the demo's pages, its tokens and its examples to the application."""
    secret = reglages.crm_jwt_secret.get_secret_value() if reglages.crm_jwt_secret else ""

    def jetons() -> Response:
        signes = {
            role: {
                "token": jwt.encode(
                    {"sub": compte.utilisateur_id, "exp": int(time()) + DUREE_JETON_S}, secret, "HS256"
                ),
                "nom": compte.nom,
                "utilisateur_id": compte.utilisateur_id,
                "commercial_id": compte.commercial_id,
            }
            for role, compte in montres.lire()[0].items()
        }
        return JSONResponse(signes, headers={**ENTETES, "Cache-Control": "no-store"})

    def ids() -> Response:
        return JSONResponse(montres.lire()[1], headers={**ENTETES, "Cache-Control": "no-store"})

    def accueil(_requete: Request) -> Response:
        return RedirectResponse("/demo/", headers=ENTETES)

    for adresse, repondre in (("/demo/jetons", jetons), ("/demo/exemples", ids), ("/", accueil), ("/demo", accueil)):
        app.add_api_route(adresse, repondre, methods=["GET"], include_in_schema=False)
    servir_dossier(app, "/demo", PAGES, "index.html", ouvert=False)
    app.add_middleware(HoteLocal)


def tours(home: Path) -> int:
    """Count the rounds that the source has moved on, for the button of this home's demo."""
    try:
        return int((home / TOUR).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def noter_tour(home: Path) -> None:
    """Remember one more round: after the next start the source must not be older than what the CRM holds."""
    (home / TOUR).write_text(str(tours(home) + 1), encoding="utf-8")


def rejouer_tours(home: Path, source: SourceReference) -> None:
    """Bring a source that begins to where the button has brought it."""
    with suppress(ValueError):
        for _ in range(tours(home)):
            source.etat.changer(PART)


class HoteLocal:
    """Refuse calls under another name than the loopback's: a page elsewhere could have its own name lead here, and read all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or refuse it."""
        if scope["type"] == "http":
            hote = next((valeur.decode("latin-1") for nom, valeur in scope["headers"] if nom == b"host"), "")
            if hote.rsplit(":", 1)[0].strip("[]") not in BOUCLE_LOCALE:
                detail = "La démonstration ne répond qu'à 127.0.0.1 et localhost."
                await problemes.reponse(400, detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Executant:
    """Serves the button where no `crm-sync dev` does: one sync at a time, each a process of its own that ends with us."""

    def __init__(self, reglages: Settings, url: str, source: SourceReference) -> None:
        self._home, self._url, self._source = reglages.crm_sync_home, url, source
        self._fini, self._un_a_la_fois = Event(), Lock()
        self._evenements: SimpleQueue[Enfant | None] = SimpleQueue()
        self._enfants = Enfants(self._evenements)

    @contextmanager
    def en_marche(self, bases: Bases) -> "Iterator[Executant]":
        """Watch for requests in a thread for as long as the block lasts."""
        rejouer_tours(self._home, self._source)
        fil = Thread(target=self._guetter, args=(dict(bases.urls),), name="demonstration", daemon=True)
        fil.start()
        try:
            yield self
        finally:
            self._fini.set()
            self._enfants.arreter(ARRET_S)
            self._evenements.put(None)
            fil.join(2 * ATTENTE_S)

    def premiere(self) -> None:
        """Run the first sync of an empty database.

        Raises:
            CrmSyncError: it failed.
        """
        if not self._synchroniser():
            raise CrmSyncError(ECHEC)

    def _guetter(self, urls: Any) -> None:
        """Wait for requests until the end; where Dagster serves this home, leave them to it."""
        with Bases(urls) as bases:
            while not self._fini.wait(0.05):
                with suppress(CrmSyncError):
                    connexion = bases.connexion("sync")
                    if not demandes.attendre(connexion, ATTENTE_S).nombre or self._fini.is_set():
                        continue
                    if self._dev_en_marche():
                        self._fini.wait(ATTENTE_S)
                    else:
                        self._avancer()
                        if not self._synchroniser():
                            demandes.renoncer(connexion, ECHEC)

    def _synchroniser(self) -> bool:
        """Run one sync to its end, or to ours."""
        programme = "from crm_sync.cli import main; main()"
        propres = {"CRM_DATABASE_URL": self._url, "EXTERNAL_API_URL": self._source.url_prospects}
        variables = (f"{nom}={valeur}" for nom, valeur in propres.items())
        with self._un_a_la_fois:
            commande = ("env", *variables, sys.executable, "-c", programme, "sync")
            self._enfants.lancer("synchronisation", commande, self._home / "demo.log")
            enfant = self._evenements.get()
        return enfant is not None and enfant.code == 0

    def _dev_en_marche(self) -> bool:
        """Tell whether `crm-sync dev` serves this home: it holds a lock for as long as it runs."""
        try:
            with (self._home / "dev.verrou").open("a+") as verrou:
                fcntl.flock(verrou, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

    def _avancer(self) -> None:
        """Let the source move on, and remember how far."""
        with suppress(ValueError):
            self._source.etat.changer(PART)
            noter_tour(self._home)
