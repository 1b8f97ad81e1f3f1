"""`make bench`: first load, unchanged and 1 % changed, as ratios to the limit measured in the same run."""

import gc
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

import email_validator  # noqa: F401  imports belong to starting, not to loading
import httpx
import pandas as pd  # noqa: F401
import phonenumbers  # noqa: F401
import psycopg
import pyarrow.csv  # noqa: F401
import schwifty  # noqa: F401

from bench import limite
from crm_sync.crm import schema
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.embedded import ServeurEmbarque, serveur_embarque
from crm_sync.source.client import Endpoint
from crm_sync.source.population import Evolution, encodes
from crm_sync_tests.synchro import enchainer

PAIRES, PETIT = 3, 20_000
"""How often first load and limit are measured side by side, up to which size; the median ratio is shown."""

TABLES = (
    "service_core.utilisateur",
    "service_core.client_base",
    "service_commercial.apporteur",
    "service_commercial.contrat",
    "service_finance.information_paiement_bancaire",
)


def mesurer(serveur: ServeurEmbarque, dossier: Path, nombre: int) -> None:
    """Measure one size and print its table of figures; the sync first, so that the peak of memory is its own."""
    premiere, autrement, suivante = (dossier / nom for nom in ("premiere", "autrement", "suivante"))
    for fichier, etat, debut in (
        (premiere, Evolution(), b"["),
        (autrement, Evolution(), b"[ "),  # the same prospects, other bytes
        (suivante, Evolution.reguliere(nombre, 1, 0.01), b"["),
    ):
        with fichier.open("wb") as flux:
            for rang, element in enumerate(encodes(nombre, 1, etat)):
                flux.write((b"," if rang else debut) + element)
            flux.write(b"]")
    print(f"\n{nombre} prospects, {premiere.stat().st_size / 1e6:.1f} MB")
    memoire, paires = 0, []
    for _ in range(PAIRES if nombre <= PETIT else 1):
        essai = _base(serveur, "essai")
        charge = _sync(essai, premiere)
        memoire = memoire or getrusage(RUSAGE_SELF).ru_maxrss
        paires.append((_limite(_base(serveur, "limite"), premiere.read_bytes()), charge))
    t_limite, charge = sorted(paires, key=lambda paire: paire[1].duree / paire[0])[len(paires) // 2]
    mesures = {"first load": charge}
    mesures["unchanged"] = min(_sync(essai, premiere) for _ in range(3))
    mesures["unchanged, other bytes"] = min(_sync(essai, fichier) for fichier in (autrement, premiere, autrement))
    mesures["1 % changed"] = _sync(essai, suivante)
    contenu = premiere.read_bytes()
    t_compare = min(_chrono(lambda: list(limite.comparer(essai, contenu))) for _ in range(3))
    t_premiere = charge.duree
    for nom, reference, unite in (
        ("first load", t_limite, "x limit (target 4)"),
        ("unchanged", t_compare, "x compare (target 3)"),
        ("unchanged, other bytes", t_compare, "x compare"),
        ("1 % changed", t_premiere, "x first load (target 0.2)"),
    ):
        duree, wal, ecrites = mesures[nom]
        print(
            f"  {nom:24}{duree:8.3f} s {duree / reference:6.2f} {unite:26}"
            f"{ecrites:8} CRM rows written, {wal / 1e6:8.2f} MB of WAL"
        )
    print(f"  limit {t_limite:.3f} s, split and compare {t_compare:.3f} s")
    print(f"  peak memory {memoire / 1024:.0f} MiB (target 1536 at 100000)", flush=True)


class Mesure(NamedTuple):
    """What one sync took: seconds, bytes of WAL, rows of the CRM inserted or updated."""

    duree: float
    wal: int
    ecrites: int


def _sync(url: str, fichier: Path) -> Mesure:
    """Run one sync of the answer in this file, read in pieces as from a network."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=_morceaux(fichier)))
    endpoint = Endpoint("http://source.example/prospects", transport=transport)
    with Bases(dict.fromkeys(SERVICES, url)) as bases:
        bases.connexion("sync")  # connecting belongs to starting
        wal, lignes = _compteurs(url)
        duree = _chrono(lambda: enchainer(bases, endpoint, str(uuid4())))
    apres = _compteurs(url)
    return Mesure(duree, apres[0] - wal, apres[1] - lignes)


def _limite(url: str, contenu: bytes) -> float:
    return _chrono(lambda: limite.charger(url, contenu))


def _morceaux(fichier: Path) -> Iterator[bytes]:
    with fichier.open("rb") as flux:
        while morceau := flux.read(1 << 20):
            yield morceau


def _chrono(quoi: Callable[[], object]) -> float:
    gc.collect()
    debut = perf_counter()
    quoi()
    return perf_counter() - debut


def _base(serveur: ServeurEmbarque, nom: str) -> str:
    base = f"{nom}_{uuid4().hex[:8]}"
    with psycopg.connect(serveur.url("outils"), autocommit=True) as outils:
        outils.execute(f'create database "{base}"'.encode())
    with Bases(dict.fromkeys(SERVICES, serveur.url(base))) as bases:
        schema.mettre_a_jour(bases)
    return serveur.url(base)


def _compteurs(url: str) -> tuple[int, int]:
    """Give the WAL position in bytes and how many rows of the CRM were ever inserted or updated."""
    with psycopg.connect(url, autocommit=True) as connexion:
        ligne = connexion.execute(
            "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, "
            "(select coalesce(sum(n_tup_ins + n_tup_upd), 0)::bigint from pg_stat_user_tables "
            "where schemaname || '.' || relname = any(%s))",
            (list(TABLES),),
        ).fetchone()
    assert ligne is not None
    return int(ligne[0]), int(ligne[1])


def main() -> None:
    """Measure the sizes given as arguments, 10,000 and 100,000 without any."""
    tailles = [int(taille) for taille in sys.argv[1:]] or [10_000, 100_000]
    with (
        tempfile.TemporaryDirectory(prefix="cs", dir="/tmp") as dossier,
        serveur_embarque(Path(dossier), ("outils",)) as serveur,
    ):
        for taille in tailles:
            mesurer(serveur, Path(dossier), taille)


main()
