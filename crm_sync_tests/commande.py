"""The command line as ops run it: a real process, with the databases of a test."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import psycopg

from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.conftest import Base

BIN = Path(sys.executable).parent / "crm-sync"


def stockage_de_dagster(postgres: ServeurEmbarque) -> str:
    """Give the URL of one database for Dagster's own storage, made once: its tables cost seconds."""
    with psycopg.connect(postgres.url("outils"), autocommit=True) as outils:
        if outils.execute("select 1 from pg_database where datname = 'dagster_essais'").fetchone() is None:
            outils.execute("create database dagster_essais")
    return postgres.url("dagster_essais")


def environnement(base: Base, dagster_url: str, home: Path, **variables: str) -> dict[str, str]:
    """Give the variables of a process: the test's databases, and whatever the test has set."""
    return {
        **os.environ,
        "CRM_DATABASE_URL": base.url,
        "DAGSTER_POSTGRES_URL": dagster_url,
        "CRM_SYNC_HOME": str(home / "home"),
        **variables,
    }


def crm_sync(
    *arguments: str, base: Base, dagster_url: str, home: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `crm-sync` to its end."""
    return subprocess.run(
        [BIN, *arguments],
        env=environnement(base, dagster_url, home, **variables),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def lancer(*arguments: str, base: Base, dagster_url: str, home: Path) -> subprocess.Popen[bytes]:
    """Start `crm-sync` and come back at once."""
    return subprocess.Popen(
        [BIN, *arguments],
        env=environnement(base, dagster_url, home),
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def attendre(condition: Callable[[], object], delai_s: float = 60.0) -> None:
    """Wait until a condition holds.

    Raises:
        AssertionError: it does not within `delai_s` seconds.
    """
    limite = monotonic() + delai_s
    while not condition():
        assert monotonic() < limite, "la condition attendue ne vient pas"
        sleep(0.02)
