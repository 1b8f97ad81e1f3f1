"""Twenty syncs in the life of a CRM: what the source sends each time, and what people do in between."""

from collections.abc import Iterator
from random import Random
from typing import Any

import httpx

from crm_sync.source.client import Endpoint
from crm_sync.source.population import corps
from crm_sync_tests.conftest import Base
from crm_sync_tests.synchro import enchainer

SYNCS = 20
ROLES = ("admin", "manager", "commercial")


def endpoint(tour: int) -> Endpoint:
    reponse = httpx.Response(200, content=corps(40, 3, tour, 0.2))
    return Endpoint("http://source.example/", transport=httpx.MockTransport(lambda _: reponse))


def bousculer(base: Base, hasard: Random) -> None:
    """Do what people do between two syncs: teams change, contracts are handed on, somebody leaves or comes back."""
    ids = [ligne[0] for ligne in base.lire("select id from service_core.utilisateur order by email")]
    vendeurs = [ligne[0] for ligne in base.lire("select id from service_commercial.apporteur order by email")]
    for utilisateur_id in ids:
        if hasard.random() < 0.3:
            base.lire(
                "update service_core.utilisateur set manager_id = %s, role = %s, actif = %s where id = %s",
                hasard.choice([*ids, None]),
                hasard.choice(ROLES),
                hasard.choice((True, True, False)),
                utilisateur_id,
            )
    base.lire(
        "update service_commercial.contrat set commercial_id = %s, updated_at = now() "
        "where reference in (select reference from service_commercial.contrat order by md5(reference || %s) limit 3)",
        hasard.choice(vendeurs),
        str(hasard.random()),
    )


def roles_des_utilisateurs(base: Base) -> dict[str, str | None]:
    """Give every user's role; None for who is inactive."""
    lignes = base.lire("select id::text, role, actif from service_core.utilisateur")
    return {utilisateur_id: role if actif else None for utilisateur_id, role, actif in lignes}


def lignes_en_sql(base: Base, utilisateur_id: str) -> list[dict[str, Any]]:
    return [ligne[0] for ligne in base.lire("select to_jsonb(k) from crm_sync.kpi_pour(%s) as k", utilisateur_id)]


def vingt_synchros(base: Base) -> Iterator[dict[str, str | None]]:
    """Live through the syncs: gives every user's role after each, and has people do what they do before the next."""
    hasard = Random(20)
    base.lire("insert into service_core.utilisateur (email, role, actif) values ('admin@x.example', 'admin', true)")
    for tour in range(SYNCS):
        with base.bases() as bases:
            enchainer(bases, endpoint(tour), f"sync-{tour}")
        yield roles_des_utilisateurs(base)
        bousculer(base, hasard)
