"""`make bench`: first load, unchanged and 1 % changed, as ratios to the limit measured in the same run."""

import gc
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
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
from crm_sync.source.population import corps
from crm_sync_tests.synchro import enchainer

TABLES = (
    "service_core.utilisateur",
    "service_core.client_base",
    "service_commercial.apporteur",
    "service_commercial.contrat",
    "service_finance.information_paiement_bancaire",
)


def mesurer(serveur: ServeurEmbarque, nombre: int) -> None:
    """Measure one size and print its table of figures."""
    premiere, suivante = corps(nombre, 1), corps(nombre, 1, 1, 0.01)
    autrement = premiere[:1] + b" " + premiere[1:]  # the same prospects, other bytes
    urls = {nom: _base(serveur, nom) for nom in ("limite", "essai")}
    print(f"\n{nombre} prospects, {len(premiere) / 1e6:.1f} MB")
    t_limite = _chrono(lambda: limite.charger(urls["limite"], premiere))
    memoire = getrusage(RUSAGE_SELF).ru_maxrss
    _ligne("limit, first load", t_limite)

    with Bases(dict.fromkeys(SERVICES, urls["essai"])) as bases:

        def sync(contenu: bytes) -> tuple[float, int, int]:
            transport = httpx.MockTransport(lambda _: httpx.Response(200, content=contenu))
            endpoint = Endpoint("http://source.example/prospects", transport=transport)
            wal, lignes = _compteurs(urls["essai"])
            duree = _chrono(lambda: enchainer(bases, endpoint, str(uuid4())))
            apres = _compteurs(urls["essai"])
            return duree, apres[0] - wal, apres[1] - lignes

        t_premiere, wal, ecrites = sync(premiere)
        _ligne("first load", t_premiere, t_limite, "x limit (target 4)", wal, ecrites)
        pic = max(memoire, getrusage(RUSAGE_SELF).ru_maxrss)
        t_compare = min(_chrono(lambda: list(limite.comparer(urls["essai"], premiere))) for _ in range(3))
        _ligne("split and compare hashes", t_compare)
        for nom, contenu in (("unchanged", premiere), ("unchanged, other bytes", autrement)):
            durees, wal, ecrites = zip(*(sync(contenu) for _ in range(3)), strict=True)
            _ligne(nom, min(durees), t_compare, "x compare (target 3)", wal[-1], ecrites[-1])
        t_suivante, wal, ecrites = sync(suivante)
        _ligne("1 % changed", t_suivante, t_premiere, "x first load (target 0.2)", wal, ecrites)
        print(f"  peak memory {pic / 1024:.0f} MiB (target 1536 at 100000)")


def _ligne(  # noqa: PLR0913  the columns of one printed row
    nom: str, duree: float, reference: float | None = None, unite: str = "", wal: int = 0, ecrites: int = 0
) -> None:
    ratio = "" if reference is None else f"{duree / reference:8.2f} {unite:28}"
    suite = "" if reference is None else f"{ecrites:9} CRM rows written, {wal / 1e6:8.2f} MB of WAL"
    print(f"  {nom:26} {duree:8.3f} s {ratio}{suite}", flush=True)


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
            mesurer(serveur, taille)


main()
