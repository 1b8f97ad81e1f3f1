"""`crm-sync dev`: Dagster as on a server, on this machine, with what it needs started and ended with it.

Three supervised processes (code server, web server, daemon), and not `dagster dev`, which leaves them behind
when it is killed; the embedded Postgres and the reference source where the environment names no other; and, where both are
ours, the demo of the CRM's pages, without which the rest goes on.
"""

import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar

import httpx

from crm_sync.affichage import console
from crm_sync.api.demonstration import refuser_ailleurs, rejouer_tours
from crm_sync.assets.descriptions import ACCUEIL
from crm_sync.automation import demandes_de_synchronisation, synchronisation_horaire
from crm_sync.crm import demandes, schema
from crm_sync.errors import ConfigurationError, CrmSyncError, RefusedError
from crm_sync.instance import instance_prete
from crm_sync.processus import Enfant, Enfants
from crm_sync.resources import ouvrir_bases
from crm_sync.settings import Settings, load_settings
from crm_sync.source.reference import SourceReference

HOTE = "127.0.0.1"
PORT_DEMO = 8000
"""Where the demo is served; on a free port where this one is taken."""
DEMO = "la démonstration"
PAS_DE_DEMO = "aucune : elle connecte sans mot de passe, donc seulement sur la base embarquée et la source de référence"
EMPLACEMENT = "crm_sync"
DEMARRAGE_S = 120.0
REGARD_S = 0.1
ARRET_S = 3.0
"""How long the children may take to end: a run in progress uses it to write down how far it came."""

SOCKET_MAX_OCTETS = 103 if sys.platform == "darwin" else 107

ETAT = """
{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { ... on RepositoryLocation {
  repositories { schedules { name scheduleState { status } } sensors { name sensorState { status } } }
} } } } } }
"""

T = TypeVar("T")
Evenements = SimpleQueue[Enfant | None]
"""What may happen meanwhile: a child ended, or (None) somebody asks us to end."""


class _ArretDemandeError(Exception):
    """SIGTERM or Ctrl-C came."""


def servir(*, port: int, prospects: int) -> None:
    """Serve the Dagster UI on `port` of the loopback until SIGTERM or Ctrl-C, in the main thread.

    Raises:
        ConfigurationError: the port is taken, or a setting forbids to start.
        RefusedError: this home is served already.
        EmbeddedPostgresError: the embedded Postgres cannot start.
        CrmSyncError: one of the three processes ended by itself, or the UI does not answer.
    """
    settings = load_settings()
    evenements: Evenements = SimpleQueue()
    with ExitStack() as pile:
        pile.enter_context(_seul(settings.crm_sync_home, port))
        _refuser_port_pris(port)
        pile.enter_context(instance_prete(settings))
        dossier = Path(os.environ["DAGSTER_HOME"])
        pile.enter_context(_arret_demande(evenements))
        with ouvrir_bases() as bases:
            schema.mettre_a_jour(bases)
        source = None if settings.external_api_url else pile.enter_context(SourceReference(prospects))
        if source:
            rejouer_tours(settings.crm_sync_home, source)
            os.environ["EXTERNAL_API_URL"] = source.url_prospects
        console.print("Démarrage de Dagster…")
        enfants = Enfants(evenements)
        pile.callback(enfants.arreter, ARRET_S)
        pile.callback(_reveiller_capteur)
        with suppress(_ArretDemandeError):
            demo = _lancer_demo(enfants, dossier, port, source) if _montrable(settings) else None
            etats = _demarrer(enfants, evenements, dossier, port)
            adresse = _attendre(evenements, lambda: _adresse(demo)) if demo else PAS_DE_DEMO
            _annoncer(port, dossier, source, etats, adresse)
            while True:
                _juger(evenements.get())
        console.print("Arrêt…")


def _montrable(settings: Settings) -> bool:
    """Tell whether the demo may be served (who opens it reads all there is), by the settings from before anything was started."""
    try:
        refuser_ailleurs(settings, "")
    except RefusedError:
        return False
    return True


def _lancer_demo(enfants: Enfants, dossier: Path, port: int, source: SourceReference | None) -> Enfant:
    """Start the demo beside Dagster's web server, which has `port`."""
    commande = (sys.executable, "-m", "crm_sync.api.demonstration_dev", str(0 if port == PORT_DEMO else PORT_DEMO))
    return enfants.lancer(DEMO, (*commande, *([source.url] if source else [])), dossier / "demo.log")


def _adresse(demo: Enfant) -> str | None:
    """Give what is to be said of the demo: its address, or that it is not there; None while it starts."""
    if demo.code is not None:
        return f"ne démarre pas ; le reste va sans elle. Voir {demo.journal}"
    lignes = demo.journal.read_text(encoding="utf-8").splitlines()
    adresses = [ligne for ligne in lignes if ligne.startswith(f"http://{HOTE}:")]
    return f"{adresses[0]}/demo/ (les pages du CRM et leur bouton, trois utilisateurs inventés)" if adresses else None


def _demarrer(enfants: Enfants, evenements: Evenements, dossier: Path, port: int) -> dict[str, bool]:
    """Start the three processes; gives whether each schedule and sensor is on, once the UI can show them."""
    prise = dossier / "code.sock"
    if len(os.fsencode(prise)) > SOCKET_MAX_OCTETS or "%" in str(prise):
        raise ConfigurationError(
            f"Le chemin {dossier} est trop long ou contient « % ». Choisir un autre CRM_SYNC_HOME."
        )
    prise.unlink(missing_ok=True)
    espace = dossier / "workspace.yaml"
    emplacement = {"socket": str(prise), "location_name": EMPLACEMENT, "additional_metadata": dict(ACCUEIL)}
    serveur = {"grpc_server": emplacement}  # Dagster shows what is additional on the page of the code location
    espace.write_text(json.dumps({"load_from": [serveur]}), encoding="utf-8")  # JSON is YAML

    python = (sys.executable, "-m")
    code = ("dagster", "api", "grpc", "-s", str(prise), "-m", "crm_sync.definitions")
    interface = ("dagster_webserver", "-h", HOTE, "-p", str(port), "-w", str(espace))
    demon = ("dagster._daemon", "run", "-w", str(espace))
    enfants.lancer(
        "serveur de code",
        (*python, *code, "--location-name", EMPLACEMENT, "--use-python-environment-entry-point"),
        dossier / "code.log",
    )
    # The others would show an empty workspace first, and look again only much later.
    _attendre(evenements, lambda: _ecoute(prise) or None)
    enfants.lancer("serveur web", (*python, *interface), dossier / "interface.log")
    enfants.lancer("démon", (*python, *demon), dossier / "demon.log")
    with httpx.Client(base_url=f"http://{HOTE}:{port}", trust_env=False) as client:
        return _attendre(evenements, lambda: _etats(client))


def _reveiller_capteur() -> None:
    """End the tick that waits for a request: code server and daemon would wait for it before they end."""
    with suppress(CrmSyncError), ouvrir_bases() as bases:
        demandes.reveiller(bases.connexion("sync"))


def _attendre(evenements: Evenements, condition: Callable[[], T | None]) -> T:
    """Give what `condition` gives, as soon as it is not None."""
    limite = monotonic() + DEMARRAGE_S
    while (valeur := condition()) is None:
        with suppress(Empty):
            _juger(evenements.get(timeout=REGARD_S))
        if monotonic() > limite:
            raise CrmSyncError(
                f"Dagster ne répond pas après {DEMARRAGE_S:g} s ; tout est arrêté. "
                f"Voir les journaux dans {os.environ['DAGSTER_HOME']}."
            )
    return valeur


def _juger(evenement: Enfant | None) -> None:
    """Decide what an event ends: everything, or, where it is the demo that died, nothing."""
    if evenement is None:
        raise _ArretDemandeError
    if evenement.nom == DEMO:
        console.print(f"La démonstration s'est arrêtée (code {evenement.code}) ; le reste va sans elle.")
        return
    raise CrmSyncError(
        f"Le {evenement.nom} de Dagster s'est arrêté de lui-même (code {evenement.code}) ; tout est arrêté. "
        f"Voir {evenement.journal}, puis relancer."
    )


def _ecoute(prise: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as essai:
        return essai.connect_ex(str(prise)) == 0


def _etats(client: httpx.Client) -> dict[str, bool] | None:
    """Ask the UI whether each schedule and sensor is on; None while it cannot say."""
    try:
        reponse = client.post("/graphql", json={"query": ETAT})
        (entree,) = reponse.raise_for_status().json()["data"]["workspaceOrError"]["locationEntries"]
        (depot,) = entree["locationOrLoadError"]["repositories"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    horaires = {un["name"]: un["scheduleState"] for un in depot["schedules"]}
    capteurs = {un["name"]: un["sensorState"] for un in depot["sensors"]}
    return {nom: etat["status"] == "RUNNING" for nom, etat in (horaires | capteurs).items()}


def _annoncer(port: int, dossier: Path, source: SourceReference | None, etats: dict[str, bool], demo: str) -> None:
    """Print where everything is and what to do next."""
    lignes = [f"Dagster               http://{HOTE}:{port}", f"Démonstration         {demo}"]
    if source:
        lignes += [
            f"Source de référence   {source.url_prospects}",
            f"  la faire changer    curl -X POST {source.url}/changements",
        ]
    lignes += [
        "Le bouton du CRM      crm-sync request (dans un autre terminal)",
        f"Toutes les heures     {_allume(etats, synchronisation_horaire.name)}",
        f"Demandes du CRM       {_allume(etats, demandes_de_synchronisation.name)}",
        f"Journaux              {dossier}/*.log",
        "Ctrl-C pour tout arrêter.",
    ]
    for ligne in lignes:
        console.print(ligne, soft_wrap=True)


def _allume(etats: dict[str, bool], nom: str) -> str:
    return f"{nom} est en marche" if etats.get(nom) else f"{nom} est arrêté dans Dagster, où on le remet en marche"


@contextmanager
def _seul(home: Path, port: int) -> Iterator[None]:
    """Be the only one that serves this home; the kernel gives the place back however we end."""
    with ExitStack() as pile:
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            verrou = pile.enter_context((home / "dev.verrou").open("a+"))
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            adresse = (home / "dev.verrou").read_text() or "il démarre"
            raise RefusedError(
                f"« crm-sync dev » tourne déjà pour ce dossier : {adresse}. "
                "L'utiliser, l'arrêter, ou choisir un autre CRM_SYNC_HOME."
            ) from None
        except OSError as erreur:
            raise ConfigurationError(
                f"Le dossier {home} ne peut pas être écrit ({erreur.strerror}). Choisir un autre CRM_SYNC_HOME."
            ) from None
        verrou.truncate(0)
        verrou.write(f"http://{HOTE}:{port}")
        verrou.flush()
        yield


def _refuser_port_pris(port: int) -> None:
    """Say that the port is taken before anything starts; the web server would say it in its log only."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as essai:
        essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does
        try:
            essai.bind((HOTE, port))
        except OSError as erreur:
            raise ConfigurationError(
                f"Le port {port} de {HOTE} ne peut pas être ouvert ({erreur.strerror}). "
                "En choisir un autre avec --port."
            ) from None


@contextmanager
def _arret_demande(evenements: Evenements) -> Iterator[None]:
    """Turn SIGTERM and Ctrl-C into an event, so that an end is never cut short by a second one."""
    # Unlike an Event, a SimpleQueue may be filled from a signal handler while the same thread waits on it.
    avant = {
        numero: signal.signal(numero, lambda _numero, _pile: evenements.put(None))
        for numero in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for numero, gestionnaire in avant.items():
            signal.signal(numero, gestionnaire)
