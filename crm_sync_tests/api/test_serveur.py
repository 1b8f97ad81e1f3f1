"""`crm-sync serve` as a process: what it loads, what its role may do, how it ends, and what the demo refuses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import psutil
import psycopg
import pytest
from psycopg import sql

from crm_sync.api.demonstration import refuser_ailleurs
from crm_sync.crm import kpi, lecture
from crm_sync.crm.correspondance import INTEGREE
from crm_sync.crm.mapping import analyser
from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import RefusedError
from crm_sync.settings import REPO, Settings
from crm_sync_tests.api.conftest import Bureau
from crm_sync_tests.api.organisation import organisation, ranger
from crm_sync_tests.api.service import SECRET, Appelant
from crm_sync_tests.conftest import Base
from crm_sync_tests.crm_existant import MAPPING, TABLES

PROGRAMME = (
    "import sys, threading, atexit\n"
    "atexit.register(lambda: print(sorted({m.split('.')[0] for m in sys.modules} & {'dagster', 'pyarrow', 'numpy', "
    "'sqlalchemy'}), file=sys.stderr))\n"
    "from crm_sync.cli import main\nmain()"
)


@contextmanager
def serveur(home: Path, *options: str, **variables: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Start it, and give its address once it takes calls."""
    processus = subprocess.Popen(
        [sys.executable, "-c", PROGRAMME, "serve", "--port", "0", "--json", *options],
        env={
            **os.environ,
            "PYTHONPATH": str(REPO),
            "CRM_SYNC_HOME": str(home / "h"),
            "CRM_JWT_SECRET": SECRET,
            **variables,
        },
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert processus.stdout is not None
        dit = ""
        for ligne in processus.stdout:
            dit += ligne
            if ligne.rstrip() == "}":
                break
        assert dit, processus.stderr and processus.stderr.read()
        yield msgspec.json.decode(dit)["url"], processus
    finally:
        if processus.poll() is None:
            processus.kill()
        processus.communicate()


def test_it_loads_neither_arrow_nor_dagster_and_ends_at_once_with_nothing_left(base: Base, tmp_path: Path) -> None:
    tout = organisation(0)
    ranger(base.url, tout)
    admin = next(u for u in tout.utilisateurs if tout.role(u) == "admin")
    with (
        serveur(tmp_path, CRM_DATABASE_URL=base.url) as (url, processus),
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        assert client.get("/sante").json() == {"statut": "ok"}
        appelant = Appelant(client)
        appelant.lire(f"/clients/{next(iter(tout.clients))}", admin)
        appelant.lire("/kpi/contrats-par-commercial", admin, du="2025-01-01")
        assert client.post("/synchronisations", headers=appelant.en_tetes(admin)).status_code == 202
        appelant.lire("/synchronisations/derniere", admin)
        enfants = psutil.Process(processus.pid).children(recursive=True)
        debut = monotonic()
        processus.terminate()  # with a connection still open
        sortie, erreurs = processus.communicate(timeout=10)
        duree = monotonic() - debut
    assert processus.returncode == 0
    assert duree < 10
    assert enfants == []
    assert (sortie, erreurs) == ("", "[]\n")
    connexions = base.valeur("select count(*) from pg_stat_activity where application_name = 'crm_sync api'")
    assert connexions == 0


def _refuse(home: Path, *options: str, **variables: str) -> tuple[int, str]:
    fini = subprocess.run(
        [sys.executable, "-c", PROGRAMME, "serve", "--port", "0", *options],
        env={**os.environ, "PYTHONPATH": str(REPO), "CRM_SYNC_HOME": str(home / "h"), **variables},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in fini.stderr
    assert fini.stdout == ""
    return fini.returncode, fini.stderr.splitlines()[0]


def test_without_a_secret_it_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    code, phrase = _refuse(tmp_path, CRM_DATABASE_URL="postgresql://nulle.example/part")
    assert code == 2
    assert phrase.startswith("« crm-sync serve » vérifie les jetons du CRM : définir CRM_JWT_SECRET")


def test_a_port_that_is_taken_is_said_in_one_sentence(base: Base, bureau: Bureau, tmp_path: Path) -> None:
    port = str(bureau.api.client.base_url.port)
    code, phrase = _refuse(tmp_path, "--port", port, CRM_JWT_SECRET=SECRET, CRM_DATABASE_URL=base.url)
    assert code == 2
    assert phrase.startswith(f"Le port {port} de 127.0.0.1 ne peut pas être ouvert")


def test_the_demo_refuses_what_is_not_its_own(tmp_path: Path) -> None:
    embarquee = ServeurEmbarque(tmp_path / "h" / "postgres").url("crm")
    ailleurs = "postgresql://crm.example/crm"
    for noms in (
        {"crm_database_url": ailleurs},
        {"crm_core_database_url": ailleurs},
        {"crm_finance_database_url": ailleurs},
        {"crm_mapping": tmp_path / "crm.toml"},
        {"external_api_url": "https://source.example/prospects"},
    ):
        with pytest.raises(RefusedError, match="serve --demo"):
            refuser_ailleurs(Settings(**noms), embarquee)
    refuser_ailleurs(Settings(), embarquee)
    refuser_ailleurs(
        Settings(crm_database_url=embarquee, external_api_url="http://127.0.0.1:8100/prospects"), embarquee
    )


def _role(base: Base, postgres: ServeurEmbarque, bases: Any) -> str:
    """Make a role that has the listed privileges and no other; gives the URL with which it logs in."""
    role = f"lecteur_{urlsplit(base.url).path.strip('/')}"
    with psycopg.connect(base.url, autocommit=True) as connexion:
        connexion.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        for privilege in lecture.privileges(bases):
            connexion.execute(lecture.accorder(privilege, role))
    return base.url.replace("postgres@", f"{role}@")


def _oublier(base: Base) -> None:
    role = sql.Identifier(f"lecteur_{urlsplit(base.url).path.strip('/')}")
    with psycopg.connect(base.url, autocommit=True) as connexion:
        connexion.execute(sql.SQL("drop owned by {0}").format(role))
        connexion.execute(sql.SQL("drop role {0}").format(role))


def test_a_role_that_may_only_read_what_is_listed_is_enough(
    base: Base, postgres: ServeurEmbarque, tmp_path: Path
) -> None:
    tout = organisation(0)
    ranger(base.url, tout)
    with base.bases() as bases:
        kpi.recalculer(bases)
        url_lecteur = _role(base, postgres, bases)
    avant = base.empreinte_crm()
    with (
        serveur(tmp_path, CRM_DATABASE_URL=url_lecteur) as (url, _),
        httpx.Client(base_url=url, trust_env=False, timeout=30) as client,
    ):
        appelant = Appelant(client)
        for utilisateur_id in (u for u in tout.utilisateurs if tout.role(u)):
            _tout_appeler(appelant, tout, utilisateur_id)
    assert base.empreinte_crm() == avant
    lecteur = psycopg.connect(url_lecteur, autocommit=True)
    for interdit in (
        "insert into service_core.utilisateur (email, role) values ('x', 'admin')",
        "update service_commercial.contrat set montant = 0",
        "delete from crm_sync.demande_sync",
        "update crm_sync.demande_sync set statut = 'reussie'",
        "select bic from service_finance.information_paiement_bancaire",
        "select email from service_core.utilisateur",
        "select base from crm_sync.lien_externe",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            lecteur.execute(interdit.encode())
    lecteur.close()
    _oublier(base)


def _tout_appeler(appelant: Appelant, tout: Any, utilisateur_id: str) -> None:
    """Call every address; no answer is an error of the server."""
    for adresse, filtre in (
        ("/kpi/contrats-par-commercial", {}),
        ("/kpi/contrats-par-commercial", {"du": "2025-01-01", "statut": "valide"}),
        ("/kpi/contrats-par-mois", {}),
        ("/kpi/contrats-par-mois", {"au": "2025-01-31"}),
        ("/moi", {}),
    ):
        assert isinstance(appelant.lire(adresse, utilisateur_id, **filtre), dict)
    for adresses, vus in (
        ((f"/clients/{c}" for c in tout.clients), tout.clients_vus(utilisateur_id)),
        ((f"/contrats/{c}" for c in list(tout.contrats)[:10]), tout.contrats_vus(utilisateur_id)),
        ((f"/commerciaux/{a}/contrats" for a in tout.apporteurs), tout.apporteurs_vus(utilisateur_id)),
    ):
        for adresse in adresses:
            assert isinstance(appelant.lire(adresse, utilisateur_id), dict) == (adresse.split("/")[2] in vus)
    reponse = appelant.client.post("/synchronisations", headers=appelant.en_tetes(utilisateur_id))
    assert reponse.status_code == (403 if tout.role(utilisateur_id) == "commercial" else 202)
    assert isinstance(appelant.lire("/synchronisations/derniere", utilisateur_id), dict | int)


def test_a_role_that_may_not_upgrade_is_told_who_must(postgres: ServeurEmbarque, base: Base, tmp_path: Path) -> None:
    with base.bases() as bases:
        url_lecteur = _role(base, postgres, bases)
    base.lire("drop function crm_sync.kpi_pour(uuid)")
    code, phrase = _refuse(tmp_path, CRM_JWT_SECRET=SECRET, CRM_DATABASE_URL=url_lecteur)
    _oublier(base)
    assert code == 2
    assert "crm-sync db upgrade" in phrase


def test_the_listed_privileges_of_an_existing_crm_name_its_own_columns() -> None:
    class Bases:
        correspondance = analyser(MAPPING)

    colonnes = {p.objet: p.colonnes for p in lecture.privileges(Bases)}  # type: ignore[arg-type]
    assert colonnes["users"] == ("id", "lastName", "firstName", "role", "managerId", "status")
    assert (colonnes["customers"] or ("",))[-1] == "deletedAt"
    assert colonnes["bank_details"] == ("id", "customerId", "iban")
    assert set(TABLES) <= set(colonnes)
    assert INTEGREE.schema_kpi == "service_commercial"
