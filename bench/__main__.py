"""`make bench`: first load, unchanged and 1 % changed, as ratios to the limit measured in the same run; and matching."""

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
import phonenumbers  # noqa: F401
import psycopg
import pyarrow.csv  # noqa: F401
import schwifty  # noqa: F401

from bench import limite
from crm_sync.assets.bruts import lire_source
from crm_sync.assets.crm import ecrire_entite
from crm_sync.assets.normalises import normaliser
from crm_sync.crm import clients, schema
from crm_sync.crm.connexion import SERVICES, Bases
from crm_sync.crm.session import Session
from crm_sync.embedded import ServeurEmbarque, serveur_embarque
from crm_sync.source.client import Endpoint
from crm_sync.source.lecteur import Lecteur
from crm_sync.source.population import Evolution, encodes
from crm_sync_tests.synchro import enchainer

FOIS, PETIT = 3, 20_000
"""How often first load and limit are measured side by side, and one change after the other, up to which size; the medians are
shown."""

TABLES = (
    "service_core.utilisateur",
    "service_core.client_base",
    "service_commercial.apporteur",
    "service_commercial.contrat",
    "service_finance.information_paiement_bancaire",
)


DEJA_LA = """
insert into service_core.client_base (nom, prenom, email, telephone)
select
    case when connu then nom else nom || ' Autrement' end,
    prenom,
    case when connu then email else 'autre.' || email end,
    case when connu then telephone end
from (select *, row_number() over (order by source_id) % 2 = 0 as connu from crm_sync.clients) as c
"""
"""As many clients as there are prospects: every second one the same person, the others nobody's."""


def mesurer(serveur: ServeurEmbarque, dossier: Path, nombre: int) -> float:
    """Measure one size and print its table of figures; the sync first, so that the peak of memory is its own.

    Gives the seconds that matching took.
    """
    fois = FOIS if nombre <= PETIT else 1
    premiere, autrement = dossier / "premiere", dossier / "autrement"
    suivantes = [dossier / f"suivante_{tour}" for tour in range(1, fois + 1)]
    for fichier, etat, debut in (
        (premiere, Evolution(), b"["),
        (autrement, Evolution(), b"[ "),  # the same prospects, other bytes
        *((f, Evolution.reguliere(nombre, tour, 0.01), b"[") for tour, f in enumerate(suivantes, 1)),
    ):
        with fichier.open("wb") as flux:
            for rang, element in enumerate(encodes(nombre, 1, etat)):
                flux.write((b"," if rang else debut) + element)
            flux.write(b"]")
    print(f"\n{nombre} prospects, {premiere.stat().st_size / 1e6:.1f} MB")
    memoire, paires = 0, []
    enfants = _memoire_des_enfants()
    for _ in range(fois):
        essai = _base(serveur, "essai")
        charge = _sync(essai, premiere)
        memoire = memoire or getrusage(RUSAGE_SELF).ru_maxrss
        paires.append((_limite(_base(serveur, "limite"), premiere.read_bytes()), charge))
    t_limite, charge = sorted(paires, key=lambda paire: paire[1].duree / paire[0])[len(paires) // 2]
    mesures = {"first load": charge}
    mesures["unchanged"] = min(_sync(essai, premiere) for _ in range(3))
    mesures["unchanged, other bytes"] = min(_sync(essai, fichier) for fichier in (autrement, premiere, autrement))
    mesures["1 % changed"] = sorted(_sync(essai, suivante) for suivante in suivantes)[fois // 2]
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
    print(
        f"  peak memory {memoire / 1024:.0f} MiB, and {max(enfants, default=0) / 1024:.0f} MiB in the child that reads: "
        f"{(memoire + max(enfants, default=0)) / 1024:.0f} MiB (target 1536 at 100000)"
    )
    t_rapproche, reconnus = _rapprocher(_base(serveur, "existants"), premiere)
    print(
        f"  matching against {nombre} clients that no sync brought {t_rapproche:.3f} s, "
        f"{t_rapproche / nombre * 1e6:.0f} us per prospect, {reconnus} recognised",
        flush=True,
    )
    return t_rapproche


class Mesure(NamedTuple):
    """What one sync took: seconds, bytes of WAL, rows of the CRM inserted or updated."""

    duree: float
    wal: int
    ecrites: int


def _sync(url: str, fichier: Path) -> Mesure:
    """Run one sync of the answer in this file, read in pieces as from a network."""
    endpoint = _endpoint(fichier)
    with Bases(dict.fromkeys(SERVICES, url)) as bases:
        bases.connexion("sync")  # connecting belongs to starting
        wal, lignes = _compteurs(url)
        duree = _chrono(lambda: enchainer(bases, endpoint, str(uuid4())))
    apres = _compteurs(url)
    return Mesure(duree, apres[0] - wal, apres[1] - lignes)


def _memoire_des_enfants() -> list[int]:
    """Have the peak memory of each child that reads noted as it ends, in KiB.

    Not by RUSAGE_CHILDREN: Linux counts there what this process held when the child was started.
    """
    sommets: list[int] = []
    clore = Lecteur.close

    def noter(lecteur: Lecteur) -> None:
        etat = Path(f"/proc/{lecteur.pid}/status")
        if lecteur.pid is not None and etat.exists():
            sommets.extend(
                int(ligne.split()[1]) for ligne in etat.read_text().splitlines() if ligne.startswith("VmHWM")
            )
        clore(lecteur)

    Lecteur.close = noter  # type: ignore[method-assign]
    return sommets


def _rapprocher(url: str, fichier: Path) -> tuple[float, int]:
    """Time the stage of the clients alone, where the CRM has had as many for years; gives how many were recognised, too."""
    with Bases(dict.fromkeys(SERVICES, url)) as bases:
        session = Session(bases, str(uuid4()))
        try:
            with session.etape("lecture"):
                session.noter_reponse(lire_source(session, _endpoint(fichier)).reponse_id)
            with session.etape("rapprochement"):
                normaliser(session)
            bases.connexion("core").execute(DEJA_LA)
            with session.etape("écriture"):
                duree = _chrono(lambda: ecrire_entite(session, clients.ETAPE))
            reconnus = bases.connexion("sync").execute(
                "select count(*) from crm_sync.lien_externe where entite = 'client' and regle <> 'creation'"
            )
            ligne = reconnus.fetchone()
        finally:
            session.clore()
    assert ligne is not None
    return duree, int(ligne[0])


def _endpoint(fichier: Path) -> Endpoint:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=_morceaux(fichier)))
    return Endpoint("http://source.example/prospects", transport=transport)


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
        durees = [mesurer(serveur, Path(dossier), taille) for taille in tailles]
    if len(tailles) > 1:
        rapport = durees[-1] / tailles[-1] / (durees[0] / tailles[0])
        print(f"\nmatching, per prospect: {rapport:.2f} x from {tailles[0]} to {tailles[-1]} (target 1.5)")


main()
