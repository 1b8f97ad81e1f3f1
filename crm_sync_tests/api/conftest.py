"""One organisation and the API over it, for tests that change nothing of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from crm_sync.crm import kpi
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.api.organisation import Organisation, organisation, ranger
from crm_sync_tests.api.service import Appelant, service
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, une_base


@dataclass(frozen=True)
class Bureau:
    """An organisation with one user of each role, its database, and the API over it."""

    tout: Organisation
    base: Base
    api: Appelant

    def de_role(self, role: str) -> str:
        """Give an active user of this role who sees a contract."""
        return next(u for u in self.tout.utilisateurs if self.tout.role(u) == role and self.tout.contrats_vus(u))


@pytest.fixture(scope="module")
def bureau(postgres: ServeurEmbarque) -> Iterator[Bureau]:
    tout = organisation(0)
    with base_neuve(postgres) as base:
        ranger(base.url, tout)
        with base.bases() as bases:
            kpi.recalculer(bases)
        with service(une_base(base.url)) as api:
            yield Bureau(tout, base, api)
