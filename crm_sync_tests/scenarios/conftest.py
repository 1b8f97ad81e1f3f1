"""What the scenarios share beyond `crm_sync_tests.conftest`."""

import pytest

from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.commande import stockage_de_dagster


@pytest.fixture(scope="session")
def dagster_url(postgres: ServeurEmbarque) -> str:
    """Give the database of Dagster's own storage."""
    return stockage_de_dagster(postgres)
