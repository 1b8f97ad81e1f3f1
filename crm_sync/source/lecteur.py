"""Reading on a second core: a child process reads and flattens packets of prospects while this one does others.

The child is this module as a program: it takes packets from its standard input until that ends, and gives each back
flattened. So it ends with whoever holds the other end, also after `kill -9`. What it prints goes nowhere: a trace may hold
values. It is an aid and never a need: where it cannot be started, dies or hangs, its packets are read here. The outcome is
the same in every case, packet by packet in the order in which they came.
"""

import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as DelaiDepasse
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen
from typing import IO

import msgspec

from crm_sync.domain.flatten import Element, Normalise, Recu, aplatir
from crm_sync.source.lecture import lire_charge

SEUIL = 3_000
"""Prospects to read from which a child pays: it takes about as long to start as this process to read so many."""

EN_COURS = 2
"""Packets that the child holds: one that it reads, and the next."""

D_AVANCE = 8
"""Packets read ahead of the one that is waited for; bounds memory."""

ATTENTE_S = 60.0
"""Seconds for one packet after which the child is taken to hang; a packet takes it less than one."""

TAILLE = 8
PROGRAMME = "import sys; sys.path[:] = sys.argv[1:]; from crm_sync.source import lecteur; lecteur.servir()"


def lire_ici(recus: Sequence[Recu]) -> Normalise:
    """Read and flatten a packet in this process."""
    return aplatir(
        Element(recu.cle, recu.versions, [(lire_charge(charge), fois) for charge, fois in recu.charges], recu.vu_le)
        for recu in recus
    )


class Lecteur:
    """Reads packets, with a child's help from `SEUIL` prospects on; to be closed."""

    def __init__(self) -> None:
        self._enfant: Popen[bytes] | None = None
        self._fil: ThreadPoolExecutor | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, None without child."""
        return None if self._enfant is None else self._enfant.pid

    def annoncer(self, nombre: int) -> None:
        """Say that so many prospects are to be read soon: a child is started where that pays."""
        if self._enfant is not None or nombre < SEUIL or os.cpu_count() in {None, 1}:
            return
        with suppress(OSError):  # no process to be had: all is read here
            self._enfant = Popen(  # noqa: S603  our own program, no shell
                [sys.executable, "-c", PROGRAMME, *sys.path],
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                start_new_session=True,  # a Ctrl-C is for us alone
            )
            self._fil = ThreadPoolExecutor(1, thread_name_prefix="crm_sync-lecteur")

    def lire(self, paquets: Iterable[Sequence[Recu]], nombre: int) -> Iterator[Normalise]:
        """Read these packets, `nombre` prospects in all; gives one outcome per packet, in their order."""
        self.annoncer(nombre)
        reste = iter(paquets)
        suite: deque[tuple[Sequence[Recu], Future[bytes]] | Normalise] = deque()
        while True:
            confies = sum(isinstance(lu, tuple) and not lu[1].done() for lu in suite)
            tete_en_attente = bool(suite) and isinstance(suite[0], tuple) and not suite[0][1].done()
            # With nothing to hand on or out, the next packet is read here; else the first is given.
            a_prendre = self._fil is not None and confies < EN_COURS
            if (not suite or a_prendre or tete_en_attente) and len(suite) < D_AVANCE:
                paquet = next(reste, None)
                if paquet is not None:
                    suite.append(self._confier(paquet) if a_prendre else lire_ici(paquet))
                    continue
            if not suite:
                return
            tete = suite.popleft()
            yield tete if isinstance(tete, Normalise) else self._recevoir(*tete)

    def close(self) -> None:
        """End the child, if there is one, and leave nothing of it."""
        enfant, fil = self._enfant, self._fil
        self._enfant = self._fil = None
        if enfant is None or fil is None:
            return
        enfant.kill()  # it holds nothing that anybody waits for
        fil.shutdown(cancel_futures=True)
        for flux in (enfant.stdin, enfant.stdout):
            with suppress(OSError):  # what was not written yet has no reader any more
                if flux is not None:
                    flux.close()
        enfant.wait()

    def _confier(self, paquet: Sequence[Recu]) -> tuple[Sequence[Recu], "Future[bytes]"]:
        assert self._fil is not None  # noqa: S101  there is a child
        return paquet, self._fil.submit(self._demander, msgspec.msgpack.encode(paquet))

    def _recevoir(self, paquet: Sequence[Recu], reponse: "Future[bytes]") -> Normalise:
        """Wait for what the child makes of a packet; read it here where the child is gone or does not answer."""
        try:
            return msgspec.msgpack.decode(reponse.result(ATTENTE_S), type=Normalise)
        except (OSError, EOFError, DelaiDepasse, CancelledError, msgspec.MsgspecError):
            self.close()
            return lire_ici(paquet)

    def _demander(self, octets: bytes) -> bytes:
        """Hand a packet to the child and wait for its answer; runs in the thread, and does nothing else."""
        enfant = self._enfant
        if enfant is None or enfant.stdin is None or enfant.stdout is None:
            raise EOFError
        _ecrire(enfant.stdin, octets)
        reponse = _lire(enfant.stdout)
        if reponse is None:
            raise EOFError
        return reponse


def _ecrire(flux: IO[bytes], octets: bytes) -> None:
    flux.write(len(octets).to_bytes(TAILLE, "big"))
    flux.write(octets)
    flux.flush()


def _lire(flux: IO[bytes]) -> bytes | None:
    """Read a message; None where the other side has gone, also in the middle of one."""
    taille = int.from_bytes(flux.read(TAILLE), "big")
    octets = flux.read(taille)
    return octets if taille and len(octets) == taille else None


def servir() -> None:
    """Be the child: answer packets until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    entree, sortie = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with open(os.devnull, "wb") as nulle_part:  # noqa: PTH123  a descriptor, not a file
        os.dup2(nulle_part.fileno(), sys.stdout.fileno())  # no library's word may stand between two answers
    with suppress(BrokenPipeError):
        while (octets := _lire(entree)) is not None:
            _ecrire(sortie, msgspec.msgpack.encode(lire_ici(msgspec.msgpack.decode(octets, type=list[Recu]))))
