"""The API as somebody who wishes it ill, or has odd data, meets it: paths, headers, ETags of others, chains, null, numbers."""

import json
import socket
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_sync.crm import kpi
from crm_sync.source.client import Endpoint
from crm_sync_tests.api.conftest import Bureau
from crm_sync_tests.api.organisation import organisation, ranger
from crm_sync_tests.api.service import jeton, service
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import prospect, une_base
from crm_sync_tests.synchro import enchainer

CHEMINS = (
    *("/elements/../settings.py", "/elements/%2e%2e/settings.py", "/elements/..%2fapi/app.py", "/elements/%2e%2e%2f"),
    *(
        "/elements//etc/passwd",
        "/elements/%2fetc%2fpasswd",
        "/elements/..%5c..%5csettings.py",
        "/elements/../demo/demo.js",
    ),
    *("/elements/", "/elements/.", "/elements/crm-sync.js%00", "/elements/%ff.js"),
    *("/elements/crm-sync.js/../../settings.py", f"/elements/{'a' * 300}.js", f"/elements/{'../' * 60}etc/hosts.js"),
    *("/elements/....//settings.py", "/elements/~root/.ssh", "/demo/demo.js", "/demo/jetons"),
)


def _brut(bureau: Bureau, requete: bytes) -> bytes:
    """Send bytes as they are: a client library would tidy them up."""
    url = bureau.api.client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as prise:
        prise.sendall(requete)
        recu = b""
        while morceau := prise.recv(65536):
            recu += morceau
        return recu


@pytest.mark.parametrize("chemin", CHEMINS)
def test_no_path_leads_out_of_the_folder(bureau: Bureau, chemin: str) -> None:
    recu = _brut(bureau, f"GET {chemin} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert recu.split(b" ", 2)[1] in {b"404", b"400"}
    assert b"root:" not in recu
    assert b"import " not in recu


def test_another_host_name_is_never_given_back(bureau: Bureau) -> None:
    manager = jeton(bureau.de_role("manager"))
    for verbe, chemin in (
        ("GET", "/moi"),
        ("POST", "/synchronisations"),
        ("GET", "/openapi.json"),
        ("GET", "/elements/x"),
    ):
        recu = _brut(
            bureau,
            f"{verbe} {chemin} HTTP/1.1\r\nHost: mechant.example\r\nX-Forwarded-Host: mechant.example\r\n"
            f"Authorization: Bearer {manager}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode(),
        )
        assert b"mechant" not in recu


@pytest.mark.parametrize(
    "entete",
    [
        b"Authorization: Bearer \xff\xfe\xfd",
        b"Authorization: Bearer " + b"[" * 7000,
        b"Authorization: Bearer a.b.c, Bearer d.e.f",
        b"Authorization: Bearer " + b"W3tb" * 1500 + b".e30.x",
        b"If-None-Match: \xff, *, " + b'"a",' * 2000,
        b"Accept: \xff",
    ],
)
def test_headers_of_any_bytes_are_401_and_nothing_else(bureau: Bureau, entete: bytes) -> None:
    recu = _brut(bureau, b"GET /moi HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + entete + b"\r\n\r\n")
    assert recu.split(b" ", 2)[1] in {b"401", b"400", b"431"}


def test_an_etag_of_who_sees_more_is_no_answer_to_who_sees_less(bureau: Bureau) -> None:
    """Both see this client; the digits of an account are the manager's and the admin's alone."""
    tout, client = bureau.tout, bureau.api.client
    avec_compte = {p["client_id"] for p in tout.paiements.values()}
    vendeur, client_id = next(
        (u, c)
        for u in tout.utilisateurs
        if tout.role(u) == "commercial"
        for c in sorted(tout.clients_vus(u) & avec_compte)
    )
    adresse = f"/clients/{client_id}"
    etag = client.get(adresse, headers=bureau.api.en_tetes(bureau.de_role("admin"))).headers["etag"]
    reponse = client.get(adresse, headers={**bureau.api.en_tetes(vendeur), "If-None-Match": etag})
    assert reponse.status_code == 200
    assert [p["fin"] for p in reponse.json()["paiements"]] == [None] * len(reponse.json()["paiements"])
    cache = next(c for c in tout.clients if c not in tout.clients_vus(vendeur))
    for sien in (etag, "*"):
        hors = client.get(f"/clients/{cache}", headers={**bureau.api.en_tetes(vendeur), "If-None-Match": sien})
        assert (hors.status_code, "etag" in hors.headers, hors.headers["cache-control"]) == (404, False, "no-store")


def test_a_chain_of_two_thousand_managers_that_ends_in_a_circle_is_walked(base: Base) -> None:
    ids = [str(uuid4()) for _ in range(2000)]
    base.lire("alter table service_core.utilisateur disable trigger all")  # the last of them manages the first
    base.lire(
        "insert into service_core.utilisateur (id, email, role, actif, manager_id) "
        "select x.id::uuid, x.n || '@x.example', 'manager', x.n %% 2 = 1, x.chef::uuid "
        "from unnest(%s::text[], %s::text[]) with ordinality as x (id, chef, n)",
        ids,
        [ids[-1], *ids[:-1]],
    )
    base.lire("insert into service_commercial.apporteur (utilisateur_id, nom) values (%s, 'Au fond')", ids[1500])
    with base.bases() as bases:
        kpi.recalculer(bases)
    with service(une_base(base.url)) as api:
        debut = perf_counter()
        lignes = [api.lire("/kpi/contrats-par-commercial", ids[rang])["lignes"] for rang in (0, 1998)]
        assert perf_counter() - debut < 5
        assert api.lire("/moi", ids[1]) == 403  # every second one is inactive
    assert [[ligne["nom"] for ligne in une] for une in lignes] == [["Au fond"]] * 2


def test_a_client_with_five_hundred_contracts_is_one_answer_and_a_quick_one(base: Base) -> None:
    tout = organisation(0)
    ranger(base.url, tout)
    admin = next(u for u in tout.utilisateurs if tout.role(u) == "admin")
    client_id, vendeur = next(iter(tout.clients)), next(iter(tout.apporteurs))
    base.lire(
        "insert into service_commercial.contrat (reference, client_id, commercial_id, montant) "
        "select 'N' || n, %s::uuid, %s::uuid, n from generate_series(1, 500) as n",
        client_id,
        vendeur,
    )
    with service(une_base(base.url)) as api:
        api.lire("/moi", admin)
        debut = perf_counter()
        vue = api.lire(f"/clients/{client_id}", admin)
        duree = perf_counter() - debut
    assert len(vue["contrats"]) >= 500
    assert duree < 2


def test_rows_that_hold_nothing_but_their_id_are_shown(base: Base) -> None:
    for table in ("service_core.client_base", "service_commercial.contrat", "service_commercial.apporteur"):
        noms = base.lire(
            "select attname from pg_attribute where attrelid = %s::regclass and attnotnull and attnum > 0 and attname <> 'id'",
            table,
        )
        for (nom,) in noms:
            base.lire(f"alter table {table} alter {nom} drop not null")
    base.lire("insert into service_core.utilisateur (email, role, actif) values ('a@b.example', 'admin', true)")
    admin = base.valeur("select id::text from service_core.utilisateur")
    client_id, vendeur = str(uuid4()), str(uuid4())
    base.lire(
        "insert into service_core.client_base (id, nom, created_at, updated_at) values (%s, null, null, null)",
        client_id,
    )
    base.lire("insert into service_commercial.apporteur (id, created_at, updated_at) values (%s, null, null)", vendeur)
    base.lire("alter table service_commercial.contrat disable trigger all")  # an older CRM may hold what leads nowhere
    for client, commercial in (
        (client_id, vendeur),
        (client_id, None),
        (None, vendeur),
        (None, None),
        (str(uuid4()), str(uuid4())),
    ):
        base.lire(
            "insert into service_commercial.contrat (reference, client_id, commercial_id, created_at, updated_at) "
            "values (null, %s, %s, null, null)",
            client,
            commercial,
        )
    with base.bases() as bases:
        kpi.recalculer(bases)
    with service(une_base(base.url)) as api:
        for filtre in ({}, {"statut": "autre"}, {"du": "2025-01-01"}, {"tri": "nom"}, {"tri": "-dernier_contrat_le"}):
            entier = api.lire("/kpi/contrats-par-commercial", admin, **filtre)
            assert [(un["nom"], un["non_attribue"]) for un in entier["lignes"]] == [(None, False)]
            assert api.lire("/kpi/contrats-par-mois", admin, **filtre)["calcule_le"]
        vue = api.lire(f"/clients/{client_id}", admin)
        assert (vue["client"]["nom"], len(vue["contrats"])) == (None, 2)
        contrats = [ligne[0] for ligne in base.lire("select id::text from service_commercial.contrat")]
        assert len(contrats) == 5
        for contrat_id in contrats:
            assert api.lire(f"/contrats/{contrat_id}", admin)["contrat"]["reference"] is None
        for lecture in ("portefeuille", "vendu"):
            page = api.lire(f"/commerciaux/{vendeur}/contrats", admin, lecture=lecture, limite=1)
            assert len(page["lignes"]) == (lecture == "portefeuille")


def test_a_payload_that_few_readers_can_read_leaves_the_view_readable(base: Base) -> None:
    """A lone surrogate and a number without end in what the source last sent: strict JSON, and nothing that UTF-8 can hold."""
    etrange: dict[str, Any] = {"note": "\ud800 x", "somme": "ICI"}
    un = prospect(1)
    un["Souscription"][0] |= {"abonnement": etrange, "paiements": [{"\udfff": "\udc00"}]}
    corps = json.dumps([un]).replace('"ICI"', "1e999").encode()
    reponse = httpx.Response(200, content=corps)
    with base.bases() as bases:
        enchainer(bases, Endpoint("http://x.example/", transport=httpx.MockTransport(lambda _: reponse)), "s1")
    base.lire("insert into service_core.utilisateur (email, role, actif) values ('a@b.example', 'admin', true)")
    admin = base.valeur("select id::text from service_core.utilisateur where role = 'admin'")
    client_id = base.valeur("select id::text from service_core.client_base")
    with service(une_base(base.url)) as api:
        vue = api.lire(f"/clients/{client_id}", admin)
    assert vue["souscriptions"][0]["abonnement"] == {"note": "\ufffd x", "somme": "inf"}
    assert vue["versements"] == [{"\ufffd": "\ufffd"}]
