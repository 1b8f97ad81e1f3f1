"""Where Debian's Postgres 15 is installed: it is one, over TCP, and lets nobody in without the password."""

import psycopg
import pytest

from crm_sync_tests.crm_existants import Serveur
from crm_sync_tests.crm_existants.fixtures import SERVEURS
from crm_sync_tests.crm_existants.postgres_15 import Serveur15

VERSIONS = {"embarque_18": 18, "debian_15": 15}


@pytest.mark.parametrize(("serveur", "version"), [(nom, VERSIONS[nom]) for nom in SERVEURS], indirect=["serveur"])
def test_a_test_can_be_played_on_each_server(serveur: Serveur, version: int):
    with psycopg.connect(serveur.url("postgres")) as connexion:
        assert connexion.info.server_version // 10_000 == version
        if isinstance(serveur, Serveur15):
            assert connexion.info.host == "127.0.0.1"
            assert connexion.execute("show password_encryption").fetchone() == ("scram-sha-256",)
    if isinstance(serveur, Serveur15):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(Serveur15(serveur.port, "faux").url("postgres"))
