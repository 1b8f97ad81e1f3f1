"""What the scenarios share beyond `crm_sync_tests.conftest`: a database for Dagster's own storage."""

import psycopg
import pytest

from crm_sync.embedded import ServeurEmbarque


@pytest.fixture(scope="session")
def dagster_url(postgres: ServeurEmbarque) -> str:
    """Give the URL of one database for Dagster, made once: its tables cost seconds."""
    with psycopg.connect(postgres.url("outils"), autocommit=True) as outils:
        outils.execute("create database dagster_essais")
    return postgres.url("dagster_essais")
