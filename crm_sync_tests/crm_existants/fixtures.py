"""The fixtures of the existing CRMs; `crm_sync_tests/conftest.py` takes them in for every test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync_tests.crm_existants.crm import PRISMA, TYPEORM, CrmExistant, Serveur, crm_existant
from crm_sync_tests.crm_existants.postgres_15 import PRESENT, Serveur15, serveur_15

SERVEURS = ("embarque_18", "debian_15") if PRESENT else ("embarque_18",)
"""The servers that a test on both is played on: `@pytest.mark.parametrize("serveur", SERVEURS, indirect=True)`."""


@pytest.fixture(scope="session")
def postgres_15() -> Iterator[Serveur15]:
    """Debian's Postgres 15, over TCP with a password."""
    memoire = Path("/dev/shm")  # noqa: S108  a TemporaryDirectory is made in it
    dossier = memoire if memoire.is_dir() and os.access(memoire, os.W_OK) else Path(tempfile.gettempdir())
    with serveur_15(dossier) as serveur:
        yield serveur


@pytest.fixture
def serveur(request: pytest.FixtureRequest) -> Serveur:
    """The embedded Postgres 18, or the one that the test's parameter names."""
    nom = getattr(request, "param", SERVEURS[0])
    choisi: Serveur = request.getfixturevalue({"embarque_18": "postgres", "debian_15": "postgres_15"}[nom])
    return choisi


@pytest.fixture
def crm_typeorm(serveur: Serveur) -> Iterator[CrmExistant]:
    """The TypeORM CRM, three databases, with the hand-made cases and what the user is told to create."""
    with crm_existant(TYPEORM, serveur) as crm:
        yield crm


@pytest.fixture
def crm_prisma(serveur: Serveur) -> Iterator[CrmExistant]:
    """The Prisma CRM, one database with a schema per service, with the hand-made cases."""
    with crm_existant(PRISMA, serveur) as crm:
        yield crm
