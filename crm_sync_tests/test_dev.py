"""`crm-sync dev` as ops and the CRM meet it: real web server, daemon and code server, real requests, real kills."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from crm_sync.api.demonstration_dev import prise
from crm_sync.assets.descriptions import ACCUEIL
from crm_sync.crm.session import INTERROMPUE

pytestmark = pytest.mark.timeout(240)

CRM_SYNC = Path(sys.executable).with_name("crm-sync")
PROSPECTS = 40

# A sync that has taken up its requests waits here before it writes the answer that it read, 10 s at most.
RETENIR = "lock table crm_sync.reponse in share mode"

T = TypeVar("T")


def attendre(condition: Callable[[], T | None], secondes: float, quoi: str) -> T:
    """Give what `condition` gives as soon as it is neither None, False nor empty."""
    limite = monotonic() + secondes
    while not (valeur := condition()):
        assert monotonic() < limite, f"pas en {secondes} s : {quoi}"
        sleep(0.02)
    return valeur


def vivants(processus: list[psutil.Process], secondes: float) -> list[psutil.Process]:
    """Give those that still run after so long; a dead one that its new parent has not reaped yet does not."""
    _, restent = psutil.wait_procs(processus, timeout=secondes)
    return [un for un in restent if un.is_running() and un.status() != psutil.STATUS_ZOMBIE]


def port_libre() -> int:
    with socket.socket() as essai:
        essai.bind(("127.0.0.1", 0))
        return int(essai.getsockname()[1])


@dataclass
class Dev:
    """One home, and the `crm-sync dev` that serves it, where one runs."""

    home: Path
    port: int = field(default_factory=port_libre)
    processus: "subprocess.Popen[bytes] | None" = None

    @property
    def sortie(self) -> str:
        return (self.home / "sortie").read_text(encoding="utf-8")

    @property
    def demo(self) -> str:
        """The demo's address, as it is printed."""
        (ligne,) = [ligne for ligne in self.sortie.splitlines() if ligne.startswith("Démonstration  ")]
        return ligne.split()[1].removesuffix("/demo/")

    def commande(self, *arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
        """Start a command on this home, with nothing of the developer's environment; it prints to `sortie`."""
        propre = {
            nom: valeur
            for nom, valeur in os.environ.items()
            if not nom.startswith(("CRM_", "EXTERNAL_API_", "DAGSTER_"))
        }
        with (self.home / "sortie").open("wb") as sortie:
            return subprocess.Popen(
                [CRM_SYNC, *arguments],
                cwd=self.home,
                env=propre | {"CRM_SYNC_HOME": str(self.home), "COLUMNS": "200"} | variables,
                stdin=subprocess.DEVNULL,
                stdout=sortie,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def demarrer(self) -> None:
        """Start, unless it runs, and wait until it says that all is ready."""
        if self.processus is None or self.processus.poll() is not None:
            self.lancer()
            attendre(self.pret, 90, "le démarrage")

    def lancer(self, **variables: str) -> None:
        self.processus = self.commande("dev", "--port", str(self.port), "--prospects", str(PROSPECTS), **variables)

    def pret(self) -> bool:
        assert self.processus is not None
        assert self.processus.poll() is None, self.sortie
        return "Ctrl-C" in self.sortie

    def arbre(self) -> list[psutil.Process]:
        """The processes under this one: guardians, their children, a run's worker."""
        assert self.processus is not None
        return list(psutil.Process(self.processus.pid).children(recursive=True))

    def arreter(self) -> None:
        if self.processus is not None and self.processus.poll() is None:
            self.processus.terminate()
            self.processus.wait(20)

    def tuer(self) -> None:
        assert self.processus is not None
        self.processus.kill()
        self.processus.wait()

    def url(self, base: str) -> str:
        return f"postgresql://postgres@:5432/{base}?host={self.home}/postgres"

    def lire(self, requete: str, *parametres: Any, base: str = "crm") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(base), autocommit=True) as connexion:
            curseur = connexion.execute(requete, parametres or None)
            return curseur.fetchall() if curseur.description else []

    def demander(self) -> str:
        """Do what the CRM's back end does."""
        demande_id = str(uuid4())
        self.lire("insert into crm_sync.demande_sync (id, demande_par) values (%s, 'essai')", demande_id)
        return demande_id

    def demande(self, demande_id: str) -> dict[str, Any]:
        colonnes = ("statut", "run_id", "message", "resultat", "commence_le", "termine_le")
        (ligne,) = self.lire(
            f"select {', '.join(colonnes)} from crm_sync.demande_sync where id = %s",  # noqa: S608
            demande_id,
        )
        return dict(zip(colonnes, ligne, strict=True))

    def attendre_fin(self, demande_id: str) -> dict[str, Any]:
        attendre(lambda: self.demande(demande_id)["termine_le"], 90, "la fin de la demande")
        return self.demande(demande_id)

    def attendre_prise(self, demande_id: str) -> str:
        """Wait until a run has taken the request up; gives its id."""
        run_id: str = attendre(lambda: self.demande(demande_id)["run_id"], 60, "une exécution")
        return run_id

    def graphql(self, requete: str, **variables: Any) -> dict[str, Any]:
        reponse = httpx.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": requete, "variables": variables},
            timeout=30,
            trust_env=False,
        )
        donnees: dict[str, Any] = reponse.raise_for_status().json()
        assert "errors" not in donnees, donnees
        return donnees["data"]

    def statut_execution(self, run_id: str) -> str:
        ((statut,),) = self.lire("select status from runs where run_id = %s", run_id, base="dagster")
        return str(statut)

    def lancees_par_le_capteur(self) -> int:
        """How many runs the sensor has launched."""
        requete = "select count(*) from run_tags where key = 'dagster/sensor_name'"
        ((nombre,),) = self.lire(requete, base="dagster")
        return int(nombre)

    def restes(self) -> list[list[str]]:
        """What still runs for this home, Postgres included."""
        lignes = [processus.info["cmdline"] or [] for processus in psutil.process_iter(["cmdline"])]
        return [ligne for ligne in lignes if any(str(self.home) in mot for mot in ligne)]


@pytest.fixture(scope="module")
def maison() -> Iterator[Dev]:
    """A short path, for the sockets' sake."""
    dev = Dev(Path(tempfile.mkdtemp(prefix="cs", dir="/tmp")))
    yield dev
    dev.arreter()
    shutil.rmtree(dev.home)


@pytest.fixture
def dev(maison: Dev) -> Dev:
    """One that runs: the same for all, started again where a test ended it."""
    maison.demarrer()
    return maison


@pytest.fixture
def arretee(maison: Dev) -> Dev:
    """The same home, where nothing runs."""
    maison.arreter()
    return maison


ETATS = """
{ schedulesOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "crm_sync"}) {
    ... on Schedules { results { name scheduleState { status } } } }
  workspaceOrError { ... on Workspace { locationEntries { displayMetadata { key value } } } }
  sensorsOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "crm_sync"}) {
    ... on Sensors { results { name sensorState { status } } } } }
"""


def test_it_says_where_everything_is_and_schedule_and_sensor_are_on(dev: Dev) -> None:
    etats = dev.graphql(ETATS)
    assert etats["schedulesOrError"]["results"] == [
        {"name": "synchronisation_horaire", "scheduleState": {"status": "RUNNING"}}
    ]
    assert etats["sensorsOrError"]["results"] == [
        {"name": "demandes_de_synchronisation", "sensorState": {"status": "RUNNING"}}
    ]
    (emplacement,) = etats["workspaceOrError"]["locationEntries"]
    assert {un["key"]: un["value"] for un in emplacement["displayMetadata"]}.items() >= ACCUEIL.items()
    assert f"http://127.0.0.1:{dev.port}\n" in dev.sortie
    assert "curl -X POST http://127.0.0.1:" in dev.sortie
    assert "crm-sync request" in dev.sortie
    assert dev.sortie.count("est en marche") == 2


@pytest.mark.longue
def test_the_demo_beside_it_waits_for_a_first_sync_and_dagster_serves_its_button(dev: Dev) -> None:
    with httpx.Client(base_url=dev.demo, trust_env=False, timeout=30) as client:
        assert "<crm-contrats-par-commercial>" in client.get("/demo/").text
        comptes = client.get("/demo/jetons").json()
        assert set(comptes) == {"admin", "manager"}
        assert client.get("/demo/exemples").json() == {}
        client.headers["Authorization"] = f"Bearer {comptes['admin']['token']}"
        nombres = []
        for _ in range(3):
            demande = client.post("/synchronisations").json()
            fin = dev.attendre_fin(demande["id"])
            assert fin["statut"] == "reussie", fin["message"]
            attendre(lambda run=fin["run_id"]: dev.statut_execution(run) == "SUCCESS", 10, "SUCCESS")
            nombres.append(client.get("/kpi/contrats-par-commercial").json()["total"])
        assert set(client.get("/demo/jetons").json()) == {"admin", "manager", "commercial"}
        assert set(client.get("/demo/exemples").json()) == {"client_id", "contrat_id", "commercial_id"}
    assert nombres[0]["nb_contrats"] > 0
    assert nombres[0] != nombres[2], "the source moves on when the button is pressed"


def test_a_row_with_an_id_and_a_name_ends_served_with_its_counts(dev: Dev) -> None:
    demande_id = dev.demander()
    attendre(lambda: dev.demande(demande_id)["statut"] == "en_cours", 5, "en_cours")
    demande = dev.attendre_fin(demande_id)
    assert demande["statut"] == "reussie", demande["message"]
    resultat = demande["resultat"]
    assert resultat["statut"] == "reussie"
    assert resultat["run_id"] == demande["run_id"]
    assert resultat["prospects"] == PROSPECTS
    assert resultat["message"] == demande["message"]
    for entite in ("commerciaux", "clients", "contrats", "informations_paiement"):
        livre = resultat[entite]
        recus = livre.pop("recus")
        assert recus == sum(livre.values()) > 0
    assert dev.lire("select count(*) from service_commercial.contrat")[0][0] > PROSPECTS
    attendre(lambda: dev.statut_execution(demande["run_id"]) == "SUCCESS", 10, "SUCCESS")


def test_where_its_port_is_taken_the_demo_takes_another() -> None:
    with socket.socket() as pris, ExitStack() as pile:
        pris.bind(("127.0.0.1", 0))
        pris.listen()
        port = pris.getsockname()[1]
        assert prise(port, pile).getsockname()[1] not in {0, port}


ACTIFS = """
{ assetNodes { assetKey { path } assetChecksOrError { ... on AssetChecks { checks {
    name assetKey { path } canExecuteIndividually } } } } }
"""
LANCER = """
mutation ($p: ExecutionParams!) { launchPipelineExecution(executionParams: $p) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""


def test_materialize_all_is_a_full_sync(dev: Dev) -> None:
    noeuds = dev.graphql(ACTIFS)["assetNodes"]
    assert len(noeuds) == 10
    controles = [
        {"assetKey": controle["assetKey"], "name": controle["name"]}
        for noeud in noeuds
        for controle in noeud["assetChecksOrError"].get("checks", [])
        if controle["canExecuteIndividually"] in ("CAN_EXECUTE", "REQUIRES_MATERIALIZATION")
    ]
    assert controles
    selecteur = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "crm_sync",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [noeud["assetKey"] for noeud in noeuds],
        "assetCheckSelection": controles,
    }
    lancee = dev.graphql(LANCER, p={"mode": "default", "runConfigData": "{}", "selector": selecteur})
    run_id = lancee["launchPipelineExecution"]["run"]["runId"]
    attendre(lambda: dev.statut_execution(run_id) in ("SUCCESS", "FAILURE"), 60, "la fin de l'exécution")
    assert dev.statut_execution(run_id) == "SUCCESS"
    requete = "select statut, comptes -> 'prospects' from crm_sync.synchronisation where synchronisation_id = %s"
    assert dev.lire(requete, run_id) == [("reussie", PROSPECTS)]


@pytest.mark.longue
def test_requests_made_while_a_sync_runs_are_served_by_one_next_run(dev: Dev) -> None:
    avant = dev.lancees_par_le_capteur()
    with psycopg.connect(dev.url("crm")) as retenue:
        retenue.execute(RETENIR)
        premiere = dev.demander()
        en_cours = dev.attendre_prise(premiere)
        suivantes = [dev.demander() for _ in range(5)]
    fins = [dev.attendre_fin(demande_id) for demande_id in suivantes]
    assert dev.demande(premiere)["statut"] == "reussie"
    assert {fin["statut"] for fin in fins} == {"reussie"}
    (prise_par,) = {fin["run_id"] for fin in fins}
    assert prise_par != en_cours
    # At the full hour the hourly run may take requests up, too: then the sensor launches one fewer.
    assert 1 <= dev.lancees_par_le_capteur() - avant <= 2


def test_a_second_one_on_the_same_home_is_told_where_the_first_is(dev: Dev) -> None:
    avant = dev.sortie
    second = dev.commande("dev", "--port", str(port_libre()))
    assert second.wait(30) == 3
    assert f"tourne déjà pour ce dossier : http://127.0.0.1:{dev.port}" in dev.sortie.replace("\n", "")
    (dev.home / "sortie").write_text(avant, encoding="utf-8")


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with tempfile.TemporaryDirectory(prefix="cs", dir="/tmp") as dossier, socket.socket() as pris:
        pris.bind(("127.0.0.1", 0))
        pris.listen()
        port = pris.getsockname()[1]
        essai = Dev(Path(dossier)).commande("dev", "--port", str(port))
        assert essai.wait(60) == 2
        texte = (Path(dossier) / "sortie").read_text(encoding="utf-8")
        assert texte.startswith(f"Le port {port} de 127.0.0.1 ne peut pas être ouvert")
        assert "Traceback" not in texte
        assert Dev(Path(dossier)).restes() == []


def test_a_demo_that_dies_is_said_and_dagster_goes_on(dev: Dev) -> None:
    (demo,) = [un for un in dev.arbre() if un.cmdline()[1:3] == ["-m", "crm_sync.api.demonstration_dev"]]
    demo.kill()
    attendre(lambda: "La démonstration s'est arrêtée" in dev.sortie, 10, "la phrase")
    assert dev.processus is not None
    assert dev.processus.poll() is None
    assert dev.graphql(ETATS)


@pytest.mark.longue
def test_after_kill_9_in_the_middle_of_a_run_the_next_one_serves_again(dev: Dev) -> None:
    with psycopg.connect(dev.url("crm")) as retenue:
        retenue.execute(RETENIR)
        interrompue = dev.demander()
        morte = dev.attendre_prise(interrompue)
        enfants = dev.arbre()
        assert len(enfants) >= 7  # three guardians and their children, the worker
        dev.tuer()
        assert vivants(enfants, 5) == []
    assert dev.demande(interrompue)["statut"] == "en_cours"
    assert dev.statut_execution(morte) == "STARTED"

    dev.demarrer()
    fin = dev.attendre_fin(dev.demander())
    assert fin["statut"] == "reussie", fin["message"]
    assert dev.statut_execution(morte) == "FAILURE"
    demande = dev.attendre_fin(interrompue)
    assert (demande["statut"], demande["message"]) == ("echouee", INTERROMPUE)
    assert dev.lire("select titulaire from crm_sync.verrou") == [(None,)]


def test_sigterm_leaves_nothing_behind(dev: Dev) -> None:
    assert dev.processus is not None
    enfants = dev.arbre()
    assert len(enfants) >= 6
    dev.processus.terminate()
    assert dev.processus.wait(10) == 0
    assert vivants(enfants, 0.1) == []
    assert dev.restes() == []
    assert dev.sortie.rstrip().endswith("Arrêt…")
    assert "Traceback" not in dev.sortie


def serveur_de_code(dev: Dev) -> psutil.Process:
    """Give the code server as soon as it stands."""

    def trouve() -> psutil.Process | None:
        for un in dev.arbre():
            with suppress(psutil.Error):  # the programs that start Postgres come and go
                if un.cmdline()[1:5] == ["-m", "dagster", "api", "grpc"]:
                    return un
        return None

    return attendre(trouve, 60, "le serveur de code")


@pytest.mark.longue
def test_where_the_source_is_somebody_s_there_is_no_demo_and_dagster_says_so(arretee: Dev) -> None:
    arretee.lancer(EXTERNAL_API_URL="https://source.example/prospects")
    attendre(arretee.pret, 90, "le démarrage")
    assert "Démonstration         aucune : elle connecte sans mot de passe" in arretee.sortie
    assert "demonstration_dev" not in str([un.cmdline() for un in arretee.arbre()])
    assert arretee.graphql(ETATS)
    arretee.arreter()


def test_ctrl_c_during_the_start_leaves_nothing_behind(arretee: Dev) -> None:
    arretee.lancer()
    assert arretee.processus is not None
    serveur_de_code(arretee)
    enfants = arretee.arbre()
    arretee.processus.send_signal(signal.SIGINT)
    assert arretee.processus.wait(10) == 0
    assert vivants(enfants, 0.1) == []
    assert arretee.restes() == []
    assert "Traceback" not in arretee.sortie


def test_a_child_that_dies_is_said_and_ends_the_others(arretee: Dev) -> None:
    arretee.lancer()
    assert arretee.processus is not None
    serveur = serveur_de_code(arretee)
    enfants = arretee.arbre()
    serveur.kill()
    assert arretee.processus.wait(10) == 1
    assert "Le serveur de code de Dagster s'est arrêté de lui-même" in arretee.sortie
    assert "Traceback" not in arretee.sortie
    assert vivants(enfants, 0.1) == []
    assert arretee.restes() == []
