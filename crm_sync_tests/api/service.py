"""The API in this process, over real HTTP, on the database of a test, and tokens for whoever calls."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import sleep, time
from typing import Any

import httpx
import jwt
import uvicorn
from fastapi import FastAPI

from crm_sync.api.app import application
from crm_sync.api.jetons import Jetons
from crm_sync.api.serveur import ecoute
from crm_sync.api.visites import Bassin
from crm_sync.crm.connexion import Bases, Service
from crm_sync.crm.correspondance import INTEGREE, Correspondance
from crm_sync.crm.lecture import BasesEnLecture
from crm_sync.settings import Settings

SECRET = "un-secret-de-test-assez-long-pour-HS256"


def jeton(utilisateur_id: Any, secret: Any = SECRET, algorithme: str = "HS256", **autres: Any) -> str:
    """Sign a token that is good for an hour."""
    return jwt.encode({"sub": utilisateur_id, "exp": int(time()) + 3600, **autres}, secret, algorithm=algorithme)


@dataclass
class Appelant:
    """Calls, as a user or with any headers."""

    client: httpx.Client

    def lire(self, adresse: str, utilisateur_id: Any, **parametres: Any) -> Any:
        """GET as this user: the parsed answer of a 200, else its status."""
        reponse = self.client.get(adresse, params=parametres, headers=self.en_tetes(utilisateur_id))
        if reponse.status_code != 200:
            assert reponse.headers["content-type"] == "application/problem+json"
            return reponse.status_code
        return reponse.json()

    def en_tetes(self, utilisateur_id: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {jeton(utilisateur_id)}"}


@contextmanager
def service(
    urls: Mapping[Service, str],
    *,
    correspondance: Correspondance = INTEGREE,
    jetons: Jetons | None = None,
    origines: tuple[str, ...] = (),
    avec: Mapping[Service, str] | None = None,
    **reglages: Any,
) -> Iterator[Appelant]:
    """Serve on these databases; `avec`: the same as another role, whose rights do not count for the start."""
    with Bases(dict(avec or urls), correspondance) as bases:
        crm = bases.crm
    lectures = Bassin(lambda: BasesEnLecture(dict(urls), correspondance, _crm=crm), 2)
    lus = Settings(**{"crm_jwt_secret": SECRET, **reglages})
    with servie(application(jetons or Jetons(lus), lectures, origines)) as client:
        yield Appelant(client)


@contextmanager
def servie(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve an application on a free port of the loopback, in a thread, and give a client of it."""
    with ecoute(0) as prise:
        serveur = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        fil = Thread(target=serveur.run, kwargs={"sockets": [prise]}, daemon=True)
        fil.start()
        while not serveur.started:
            assert fil.is_alive()
            sleep(0.005)
        with httpx.Client(base_url=f"http://127.0.0.1:{prise.getsockname()[1]}", trust_env=False, timeout=30) as client:
            yield client
        serveur.should_exit = True
        fil.join()
