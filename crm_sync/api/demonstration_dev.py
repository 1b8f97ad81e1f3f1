"""The demo as `crm-sync dev` serves it: a program of its own, `python -m crm_sync.api.demonstration_dev`.

The same pages as `serve --demo`. Dagster serves the button here, so nothing is run from here and the database may be empty at
first: the pages say so until the first sync. Given the address of dev's own reference source, the button has it move on first,
so that the numbers change.
"""

import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from socket import socket

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_sync.api.app import application
from crm_sync.api.demonstration import PART, Montres, monter, noter_tour, refuser_ailleurs, reglages_propres
from crm_sync.api.jetons import Jetons
from crm_sync.api.serveur import bassin, ecoute, tourner
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.embedded import serveur_embarque
from crm_sync.errors import ConfigurationError, CrmSyncError
from crm_sync.settings import load_settings

DELAI_S = 5.0


def servir(port: int, source: str | None) -> None:
    """Serve until SIGTERM, on `port` or, where that is taken, on a free one; prints the address once calls are taken.

    `source`: the address of a reference source that the button moves on; None for one that is not ours to move.

    Raises:
        RefusedError: see `refuser_ailleurs`.
        CrmSyncError: the database cannot be opened.
    """
    lus = load_settings()
    with ExitStack() as pile:
        ouverte = prise(port, pile)
        url = pile.enter_context(serveur_embarque(lus.crm_sync_home)).url("crm")
        refuser_ailleurs(lus, url)
        reglages = reglages_propres(lus)
        lectures = pile.enter_context(bassin(reglages))
        app = application(Jetons(reglages), lectures)
        if source:
            app.add_middleware(SourceQuiAvance, source=source, home=lus.crm_sync_home)
        monter(app, reglages, Montres(Bases(dict.fromkeys(SERVICES, url))))
        tourner(app, ouverte, lambda adresse: print(adresse, flush=True))  # noqa: T201  dev reads it there


def prise(port: int, pile: ExitStack) -> socket:
    """Listen on `port`, or on a free one where it is taken, until `pile` ends."""
    try:
        return pile.enter_context(ecoute(port))
    except ConfigurationError:
        return pile.enter_context(ecoute(0))


class SourceQuiAvance:
    """Has the reference source move on before a request for a sync goes in; a source that is away changes nothing of the call."""

    def __init__(self, app: ASGIApp, source: str, home: Path) -> None:
        self._app, self._source, self._home = app, source, home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on."""
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", "/synchronisations"):
            with suppress(httpx.HTTPError):
                async with httpx.AsyncClient(trust_env=False, timeout=DELAI_S) as client:
                    (await client.post(f"{self._source}/changements", json={"part": PART})).raise_for_status()
                noter_tour(self._home)
        await self._app(scope, receive, send)


if __name__ == "__main__":
    try:
        servir(int(sys.argv[1]), next(iter(sys.argv[2:]), None))
    except CrmSyncError as erreur:
        print(erreur, file=sys.stderr)  # noqa: T201  its log
        sys.exit(erreur.exit_code)
