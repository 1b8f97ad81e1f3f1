"""The reference source begins and ends: ports, threads, and the process that a signal stops."""

import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from crm_sync.errors import ConfigurationError
from crm_sync.source.population import corps
from crm_sync.source.reference import SourceReference, source_de_demonstration


def test_stopping_is_quick_leaves_no_thread_and_frees_the_port():
    avant = set(threading.enumerate())
    source = SourceReference(10, 1).demarrer()
    with socket.create_connection(("127.0.0.1", source.port), timeout=5) as silencieux:
        silencieux.sendall(b"GET /etat HTTP/1.1\r\n\r\n")
        assert silencieux.recv(65_536)
        port, debut = source.port, time.monotonic()
        source.arreter()
        source.arreter()
        assert time.monotonic() - debut < 1
        while silencieux.recv(65_536):
            continue
    for fil in set(threading.enumerate()) - avant:
        fil.join(timeout=1)
    assert set(threading.enumerate()) <= avant
    with source:
        assert source.port == port
        assert httpx.get(source.url).status_code == 200
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_the_demonstration_lasts_as_long_as_its_block_and_is_always_the_same():
    recus = []
    for _ in range(2):
        with source_de_demonstration(60) as adresse:
            recus.append(httpx.get(adresse).content)
        with pytest.raises(httpx.ConnectError):
            httpx.get(adresse)
    assert recus == [corps(60, 1)] * 2


@pytest.mark.parametrize("port", [70_000, -1])
def test_an_impossible_port_is_a_configuration_error(port):
    with pytest.raises(ConfigurationError, match="--port"):
        SourceReference(1, 1, port=port).demarrer()


def test_a_taken_port_is_a_configuration_error():
    with (
        SourceReference(1, 1) as source,
        pytest.raises(ConfigurationError, match=f"{source.port} ne peut pas être ouvert"),
    ):
        SourceReference(1, 1, port=source.port).demarrer()


def test_an_impossible_population_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="positifs"):
        SourceReference(-1, 1)


@pytest.mark.parametrize("numero", [signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_at_once_when_told_to(numero):
    code = (
        "from crm_sync.source.reference import servir; "
        "servir(40, 1, 0, None, lambda url: print(url, flush=True)); "
        "print('fini')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as processus:
        adresse = processus.stdout.readline().strip()
        assert len(httpx.get(adresse).json()) == 40
        debut = time.monotonic()
        processus.send_signal(numero)
        sortie, erreurs = processus.communicate(timeout=10)
        assert time.monotonic() - debut < 2
    assert (processus.returncode, sortie, erreurs) == (0, "fini\n", "")
