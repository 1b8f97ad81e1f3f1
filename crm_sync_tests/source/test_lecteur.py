"""Reading on a second core gives what reading here gives, needs nothing, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from crm_sync.crm import normalises
from crm_sync.domain.flatten import Normalise, Recu
from crm_sync.errors import CrmSyncError
from crm_sync.source import lecteur
from crm_sync.source.lecteur import Lecteur, lire_ici
from crm_sync.source.population import Evolution, encodes
from crm_sync_tests.commande import attendre
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import base_neuve, contrat, passer, prospect

VU_LE = datetime(2026, 11, 2, 8, 30, 0, 123456, tzinfo=UTC)
RACINE = Path(lecteur.__file__).parents[2]
DIFFICILES = (
    b'{"idProspect": 1, "nom": "demi \\ud83d", "identityCard": {"\\udc00": 1}}',
    b"42",
    b'{"idProspect": 2}',
    b'{"idProspect": 3, "nom": "A", "updatedAt": "2030-01-01T00:00:00Z", "autre": 1}',
)


def _paquets(nombre: int = 20, taille: int = 10) -> list[list[Recu]]:
    charges = [*DIFFICILES, *encodes(nombre * taille - len(DIFFICILES), 1, Evolution())]
    recus = [Recu(f"id:{i}", f"{i}x1", [(charge, 1)], VU_LE) for i, charge in enumerate(charges)]
    recus[9] = recus[9]._replace(charges=[(charges[9], 1), (charges[8], 2)])  # one id, two contents
    return [recus[debut : debut + taille] for debut in range(0, len(recus), taille)]


@pytest.fixture
def toujours(monkeypatch):
    monkeypatch.setattr(lecteur, "SEUIL", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def attendu() -> list[Normalise]:
    return [lire_ici(paquet) for paquet in _paquets()]


def test_the_child_reads_as_this_process_does_and_in_the_same_order(toujours, attendu, monkeypatch):
    ici: list[int] = []
    monkeypatch.setattr(lecteur, "lire_ici", lambda paquet: ici.append(1) or lire_ici(paquet))
    with closing(Lecteur()) as aide:
        assert list(aide.lire(_paquets(), 200)) == attendu
    assert len(ici) < len(attendu)  # else nobody helped


def test_few_prospects_start_no_child(attendu):
    with closing(Lecteur()) as aide:
        assert list(aide.lire(_paquets(), lecteur.SEUIL - 1)) == attendu
        assert aide.pid is None


def test_where_no_process_can_be_had_all_is_read_here(toujours, attendu, monkeypatch):
    def refuser(*_arguments: object, **_options: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(lecteur, "Popen", refuser)
    with closing(Lecteur()) as aide:
        assert list(aide.lire(_paquets(), 200)) == attendu


@pytest.mark.parametrize("numero", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_that_dies_or_hangs_loses_nothing(toujours, attendu, monkeypatch, numero):
    monkeypatch.setattr(lecteur, "ATTENTE_S", 0.3)
    with closing(Lecteur()) as aide:
        lus = []
        for rang, lu in enumerate(aide.lire(_paquets(), 200)):
            if rang == 1 and aide.pid is not None:
                os.kill(aide.pid, numero)
            lus.append(lu)
    assert lus == attendu


def test_nothing_is_left_of_a_child_however_the_reading_ends(toujours):
    moi = psutil.Process()
    avant = moi.num_fds(), moi.num_threads(), moi.children()
    for combien in (0, 1, 20):
        aide = Lecteur()
        lus = aide.lire(_paquets(), 200)
        for _ in range(combien):
            next(lus)
        aide.close()
        aide.close()
    assert (moi.num_fds(), moi.num_threads(), moi.children()) == avant


def test_a_child_that_fails_says_nothing(toujours, capfd):
    with closing(Lecteur()) as aide:
        aide.annoncer(1)
        with pytest.raises(EOFError):
            aide._demander(b"FR1420041010050500013M02606")
    assert capfd.readouterr() == ("", "")


def test_the_child_of_a_killed_process_ends():
    code = (
        "import os; from crm_sync.source import lecteur; lecteur.SEUIL = 1; os.cpu_count = lambda: 2\n"
        "aide = lecteur.Lecteur(); aide.annoncer(1); print(aide.pid, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=RACINE
    ) as parent:
        enfant = psutil.Process(int(parent.stdout.readline()))
        assert enfant.is_running()
        parent.kill()
    attendre(lambda: not enfant.is_running() or enfant.status() == psutil.STATUS_ZOMBIE)


TABLES = ("normalisation", "commerciaux", "clients", "contrats", "informations_paiement", "rejet")


def _lignes(base: Base) -> dict[str, list[object]]:
    """Give the normalised rows in the order in which they lie, without the times of this sync."""
    requete = "select to_jsonb(t) - '{{vu_le,depuis,rejet_id}}'::text[] from crm_sync.{} as t order by ctid"
    return {table: base.lire(requete.format(table)) for table in TABLES}


def test_a_load_with_a_child_leaves_the_same_rows(base, postgres, toujours, monkeypatch):
    gens = [prospect(n, contrat(f"R{n}"), contrat(None)) for n in range(1, 60)]
    monkeypatch.setattr(normalises, "PAQUET", 7)
    monkeypatch.setattr(normalises, "A_ECRIRE", 20)
    lances: list[object] = []
    vrai = lecteur.Popen
    monkeypatch.setattr(lecteur, "Popen", lambda *a, **o: lances.append(1) or vrai(*a, **o))
    passer(base, *gens)
    assert lances == [1]
    assert not psutil.Process().children() or all(
        "lecteur" not in " ".join(enfant.cmdline()) for enfant in psutil.Process().children()
    )
    monkeypatch.setattr(lecteur, "SEUIL", 10**9)
    with base_neuve(postgres) as autre:
        passer(autre, *gens)
        assert _lignes(base) == _lignes(autre)
    assert lances == [1]


def test_a_sync_that_fails_after_the_source_was_read_leaves_no_child(base, toujours, monkeypatch):
    pids: list[int | None] = []

    def panne(_connexion: object, aide: Lecteur) -> None:
        pids.append(aide.pid)
        raise CrmSyncError("panne")

    monkeypatch.setattr(normalises, "normaliser", panne)
    with pytest.raises(CrmSyncError, match="panne"):
        passer(base, prospect(1))
    assert pids[0] is not None
    assert not psutil.pid_exists(pids[0])
