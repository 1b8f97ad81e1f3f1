"""Their importer and their people write in a loop while a sync runs: nothing of theirs is lost, and they wait for moments."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from crm_sync.crm import connexion as ouverture
from crm_sync.crm import mapping, schema
from crm_sync.crm.connexion import Bases
from crm_sync.errors import WriteError
from crm_sync.source.population import prospects
from crm_sync_tests.crm_existants import TYPEORM, CrmExistant, Serveur, crm_existant
from crm_sync_tests.crm_existants import prospects as cas
from crm_sync_tests.gens import lecture
from crm_sync_tests.synchro import enchainer

PROSPECTS, CONNUS = 3_000, 2_000
ORGANISATION = "0b7c0c5e-6a41-4f5e-9d27-3c1f5d0e8a10"
IMPORTER = f"""
    insert into contracts ("contractReference", amount, channel, imported, "organizationId", "brokerId", version)
    values (%s, %s, 'IMPORT', true, '{ORGANISATION}', (select id from brokers where "lastName" = 'Import'), 1)
    on conflict ("contractReference") do update
    set amount = excluded.amount, "updatedAt" = now(), version = contracts.version + 1
"""  # noqa: S608
SAISIR = """
    update clients set "phoneNumber" = %s, "updatedAt" = now() at time zone 'UTC', version = version + 1 where id = %s::uuid
"""
VERROUS = """
    select distinct l.mode from pg_locks as l join pg_stat_activity as a using (pid) join pg_class as c on c.oid = l.relation
    where a.application_name = 'crm_sync' and l.granted and l.locktype = 'relation' -- not that of a row, or of a page more
        and c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and l.database = (select oid from pg_database where datname = current_database())
"""
FAIBLES = {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}


def _bases(crm: CrmExistant) -> Bases:
    return Bases(dict(crm.urls), mapping.lire(crm.correspondance))


@dataclass
class Autre:
    """Somebody who writes in a loop: the last value of each row, the longest wait for one statement, and what went wrong."""

    dernieres: dict[str, str] = field(default_factory=dict)
    attente: float = 0.0
    ecritures: int = 0
    fautes: list[BaseException] = field(default_factory=list)

    def ecrire(self, url: str, requete: str, cle: str, valeur: str, parametres: tuple[str, str]) -> None:
        with psycopg.connect(url, autocommit=True) as connexion:
            debut = monotonic()
            connexion.execute(requete, parametres)
            self.attente = max(self.attente, monotonic() - debut)
        self.dernieres[cle] = valeur
        self.ecritures += 1


@contextmanager
def _en_boucle(*boucles: tuple[Autre, Callable[[int], None]]) -> Iterator[None]:
    """Run each loop in a thread until the block ends; what it raises is raised here."""
    fin = Event()

    def tourner(autre: Autre, faire: Callable[[int], None]) -> None:
        try:
            for tour in count():
                if fin.is_set():
                    return
                faire(tour)
        except BaseException as erreur:  # noqa: BLE001  raised in the test
            autre.fautes.append(erreur)

    fils = [Thread(target=tourner, args=boucle, daemon=True) for boucle in boucles]
    for fil in fils:
        fil.start()
    try:
        yield
    finally:
        fin.set()
        for fil in fils:
            fil.join(30)
    for autre, _ in boucles:
        if autre.fautes:
            raise autre.fautes[0]


def _versions(crm: CrmExistant) -> list[list[tuple[Any, ...]]]:
    return [
        crm.lire("core", "select id, xmin::text from clients order by 1"),
        crm.lire("commercial", "select id, xmin::text from contracts order by 1"),
    ]


def _perdues(crm: CrmExistant, entite: str, champ: str, dernieres: dict[str, str], lues: dict[str, Any]) -> list[str]:
    """Give the rows whose last edit neither stands nor lost to a rule that the journal names."""
    nommees = {
        crm_id
        for (crm_id,) in crm.lire(
            "sync",
            "select crm_id from crm_sync.journal where entite = %s and champs -> %s ->> 'regle' is not null",
            entite,
            champ,
        )
    }
    return [cle for cle, valeur in dernieres.items() if lues[cle][1] != valeur and lues[cle][0] not in nommees]


@pytest.mark.longue
@pytest.mark.timeout(300)
def test_nothing_of_theirs_is_lost_and_they_wait_for_moments_while_thousands_are_synchronised(serveur: Serveur) -> None:
    source = list(prospects(PROSPECTS, 1))
    with crm_existant(TYPEORM, serveur, cas=(), connus=CONNUS) as crm:
        with _bases(crm) as bases:
            schema.mettre_a_jour(bases)
        references = [f["Souscription"][0]["contrats"][0]["titre"] for f in source]
        references = sorted({r.strip() for r in references if r and len(r) <= 20})
        clients = [i for (i,) in crm.lire("core", 'select id::text from clients where "deletedAt" is null order by 1')]
        importeur, personne, garde = Autre(), Autre(), Autre()
        modes: set[str] = set()

        def importer(tour: int) -> None:
            reference, montant = references[tour * 7 % len(references)], f"{1000 + tour / 100:.2f}"
            importeur.ecrire(crm.urls["commercial"], IMPORTER, reference, montant, (reference, montant))
            sleep(0.002)

        def saisir(tour: int) -> None:
            client, telephone = clients[tour * 11 % len(clients)], f"01 99 {tour:06}"
            personne.ecrire(crm.urls["core"], SAISIR, client, telephone, (telephone, client))
            sleep(0.002)

        def regarder(_tour: int) -> None:
            for service in ("core", "commercial"):
                modes.update(mode for (mode,) in crm.lire(service, VERROUS))
            sleep(0.01)

        with _en_boucle((importeur, importer), (personne, saisir), (garde, regarder)):
            debut = monotonic()
            enchainer(_bases(crm), lecture(*source), str(uuid4()))
            duree = monotonic() - debut
        assert min(importeur.ecritures, personne.ecritures) > 100
        assert modes <= FAIBLES
        assert "RowExclusiveLock" in modes
        assert max(importeur.attente, personne.attente) < duree / 4

        def tout_tient() -> None:
            contrats = 'select "contractReference", id::text, amount::text from contracts'
            lus = {reference: (i, montant) for reference, i, montant in crm.lire("commercial", contrats)}
            assert _perdues(crm, "contrat", "montant", importeur.dernieres, lus) == []
            gens = {i: (i, tel) for i, tel in crm.lire("core", 'select id::text, "phoneNumber" from clients')}
            assert _perdues(crm, "client", "telephone", personne.dernieres, gens) == []

        tout_tient()
        enchainer(_bases(crm), lecture(*source), str(uuid4()))
        tout_tient()
        versions = _versions(crm)
        enchainer(_bases(crm), lecture(*source), str(uuid4()))
        assert _versions(crm) == versions
        # What we made has no twin; their importer, who reads a reference letter by letter, may have made its own.
        notres = {i for (i,) in crm.lire("sync", "select crm_id from crm_sync.journal where action = 'creation'")}
        cle = "upper(replace(\"contractReference\", ' ', ''))"
        doubles = f"select unnest(array_agg(id::text)) from contracts group by {cle} having count(*) > 1"  # noqa: S608
        assert notres
        assert not notres & {i for (i,) in crm.lire("commercial", doubles)}


@pytest.fixture
def petit(serveur: Serveur, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrmExistant]:
    """A CRM of which a sync knows a few people, whose sessions wait for a lock half a second at most."""
    monkeypatch.setattr(ouverture, "REGLAGES", ouverture.REGLAGES.replace("'10s'", "'500ms'"))
    with crm_existant(TYPEORM, serveur, cas=()) as crm:
        with _bases(crm) as bases:
            schema.mettre_a_jour(bases)
        enchainer(_bases(crm), lecture(*_gens("Ève")), str(uuid4()))
        yield crm


def _gens(prenom: str, *titres: str) -> list[dict[str, Any]]:
    autres = {"updatedAt": "2099-01-01T00:00:00.000Z"} if titres else {}
    return [
        cas.prospect(
            i, f"Duchêne{'abcde'[i]}", prenom, f"T{i}", *titres[i : i + 1], email=f"p{i}@gens.example", **autres
        )
        for i in range(5)
    ]


def test_a_row_that_a_forgotten_transaction_holds_is_passed_by_and_the_others_are_written(petit: CrmExistant) -> None:
    apres = _gens("Ève-Marie", *(f"N{i}" for i in range(5)))
    autre = Autre()
    prenoms = "select email, \"firstName\" from clients where email like 'p_@gens.example' order by 1"
    with psycopg.connect(petit.urls["core"]) as oubliee:
        oubliee.execute("select * from clients where email = 'p2@gens.example' for update")
        libre = petit.lire("core", "select id::text from clients where email = 'p1@gens.example'")[0][0]

        def saisir(tour: int) -> None:
            autre.ecrire(
                petit.urls["core"], "update clients set city = %s where id = %s::uuid", libre, "", (f"{tour}", libre)
            )
            sleep(0.02)

        with _en_boucle((autre, saisir)):
            enchainer(_bases(petit), lecture(*apres), str(uuid4()))
        assert autre.attente < 0.5  # less than we ourselves wait for a lock
    lus = dict(petit.lire("core", prenoms))
    assert lus["p2@gens.example"] == "Ève"
    assert [lus[f"p{i}@gens.example"] for i in (0, 3, 4)] == ["Ève-Marie"] * 3
    motifs = petit.lire(
        "sync", "select id_prospect, motif from crm_sync.rejet where ferme_le is null and etape = 'clients'"
    )
    assert ("900002", "ligne_modifiee") in motifs
    enchainer(_bases(petit), lecture(*apres), str(uuid4()))
    assert set(dict(petit.lire("core", prenoms)).values()) == {"Ève-Marie"}
    assert petit.lire("sync", "select motif from crm_sync.rejet where ferme_le is null") == []


@pytest.mark.longue
def test_a_key_that_a_forgotten_transaction_holds_ends_the_sync_with_a_clear_sentence(petit: CrmExistant) -> None:
    autre = Autre()
    with psycopg.connect(petit.urls["commercial"]) as oubliee:
        oubliee.execute(IMPORTER, ("N1", "12"))

        def importer(tour: int) -> None:
            autre.ecrire(petit.urls["commercial"], IMPORTER, "T3", f"{tour}", ("T3", f"{tour}"))
            sleep(0.02)

        with _en_boucle((autre, importer)), pytest.raises(WriteError, match="tient un verrou trop longtemps"):
            enchainer(_bases(petit), lecture(*_gens("Ève", *(f"N{i}" for i in range(5)))), str(uuid4()))
        assert autre.attente < 0.5
        oubliee.rollback()
    enchainer(_bases(petit), lecture(*_gens("Ève", *(f"N{i}" for i in range(5)))), str(uuid4()))
    assert petit.lire("commercial", "select count(*) from contracts where \"contractReference\" like 'N_'") == [(5,)]
