"""Child processes that never outlive the process that started them, however it ends.

Each child runs under a small guardian: this module, as a program. The guardian gives the child a process group of
its own, hands SIGTERM on to that group, and kills what is left of it, grandchildren included, when the child ends
or when its own standard input does: the kernel closes that with whoever holds the other end, also after `kill -9`.
On Linux the child dies with a guardian that is killed. Knows nothing of Dagster.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from threading import Thread
from time import monotonic

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Enfant:
    """A child under its guardian: what it is called in a sentence, and the file that holds what it prints."""

    nom: str
    journal: Path
    gardien: "Popen[bytes]"
    guetteur: Thread

    @property
    def code(self) -> int | None:
        """The exit code of the child, negative for a signal; None while it runs."""
        return self.gardien.returncode


class Enfants:
    """The children of one command; a child that ends, asked or not, is put into `evenements`."""

    def __init__(self, evenements: "SimpleQueue[Enfant | None]") -> None:
        self._evenements = evenements
        self._tous: list[Enfant] = []

    def lancer(self, nom: str, commande: Sequence[str], journal: Path) -> Enfant:
        """Start `commande` in a session of its own; it prints to `journal`; the one before is kept."""
        if journal.exists():
            journal.replace(journal.with_name(f"{journal.name}.precedent"))
        with journal.open("wb") as sortie:
            gardien = Popen(  # noqa: S603  our own program and arguments, no shell
                [sys.executable, "-m", __name__, *commande],
                stdin=PIPE,
                stdout=sortie,
                stderr=STDOUT,
                start_new_session=True,  # a Ctrl-C is for us alone
            )
        enfant = Enfant(nom, journal, gardien, Thread(target=lambda: self._guetter(enfant), daemon=True))
        self._tous.append(enfant)
        enfant.guetteur.start()
        return enfant

    def arreter(self, delai_s: float) -> None:
        """Ask every child to end, and kill after `delai_s` seconds what is still there; then none is left."""
        for enfant in self._tous:
            enfant.gardien.terminate()
        limite = monotonic() + delai_s
        for enfant in self._tous:
            enfant.guetteur.join(max(0.0, limite - monotonic()))
        for enfant in self._tous:
            assert enfant.gardien.stdin is not None  # noqa: S101  it was given a pipe
            enfant.gardien.stdin.close()
            enfant.guetteur.join()

    def _guetter(self, enfant: Enfant) -> None:
        enfant.gardien.wait()
        self._evenements.put(enfant)


def _garder(commande: Sequence[str]) -> int:
    """Be the guardian of `commande`; gives its exit code."""
    enfant = Popen(  # noqa: S603  what `Enfants.lancer` was given
        commande,
        stdin=DEVNULL,
        process_group=0,
        preexec_fn=_mourir_avec_le_gardien,  # noqa: PLW1509  safe: this process has one thread yet
    )
    signal.signal(signal.SIGTERM, lambda _numero, _pile: _signaler(enfant.pid, signal.SIGTERM))
    Thread(target=_tuer_sans_maitre, args=(enfant.pid,), daemon=True).start()
    # Not reaped before the group is gone: its number stays its own.
    os.waitid(os.P_PID, enfant.pid, os.WEXITED | os.WNOWAIT)
    _signaler(enfant.pid, signal.SIGKILL)
    return enfant.wait()


def _mourir_avec_le_gardien() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _tuer_sans_maitre(groupe: int) -> None:
    """Kill the group once standard input ends."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    _signaler(groupe, signal.SIGKILL)


def _signaler(groupe: int, numero: int) -> None:
    # macOS refuses a signal to a group of which only the dead leader is left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(groupe, numero)


if __name__ == "__main__":
    code = _garder(sys.argv[1:])
    sys.exit(code if code >= 0 else 128 - code)
