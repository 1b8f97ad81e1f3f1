"""The command line in this process, from its arguments to its exit code: what a process would add is only its start."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from crm_sync import affichage, cli
from crm_sync_tests.conftest import Base


@dataclass(frozen=True)
class Dit:
    """What one command said and how it ended."""

    code: int
    sortie: str
    erreur: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.sortie)

    @property
    def tout(self) -> str:
        return self.sortie + self.erreur


Ops = Callable[..., Dit]


@pytest.fixture
def ops(base: Base, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Ops]:
    """Run `crm-sync` with these arguments on the test's database, `largeur` columns wide; never a traceback."""
    monkeypatch.setenv("CRM_DATABASE_URL", base.url)

    def lancer(*arguments: str, largeur: int = affichage.LARGEUR_SANS_TERMINAL) -> Dit:
        monkeypatch.setattr(sys, "argv", ["crm-sync", *arguments])
        monkeypatch.setattr(affichage.console, "width", largeur)
        capfd.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as fin:
            code = int(fin.code or 0)
        dit = Dit(code, *capfd.readouterr())
        assert "Traceback" not in dit.tout
        return dit

    avant = signal.getsignal(signal.SIGTERM)
    yield lancer
    signal.signal(signal.SIGTERM, avant)
