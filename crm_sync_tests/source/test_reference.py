"""The reference source over real HTTP: what a client sees, and what becomes of broken requests."""

import gzip
import json
import socket
import threading
import time

import httpx
import pytest

from crm_sync.source.population import corps
from crm_sync.source.reference import SourceReference, etat


@pytest.fixture
def source():
    with SourceReference(120, 4) as source:
        yield source


@pytest.fixture(scope="module")
def http():
    """One client for all tests: what it loads for TLS takes a tenth of a second each time."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def client(source, http):
    http.base_url = source.url
    return http


def brut(source, octets):
    """Send bytes as they are and give back all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", source.port), timeout=5) as connexion:
        connexion.sendall(octets)
        recu = b""
        while morceau := connexion.recv(65_536):
            recu += morceau
        return recu


def test_the_list_is_the_population_of_its_seed(client):
    reponse = client.get("/prospects")
    assert reponse.status_code == 200
    assert reponse.headers["content-type"] == "application/json; charset=utf-8"
    assert reponse.content == corps(120, 4)


def test_it_listens_on_the_loopback_only(source):
    assert source.url == f"http://127.0.0.1:{source.port}"
    assert source.url_prospects == f"{source.url}/prospects"
    voisins = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for adresse in voisins - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
            socket.create_connection((adresse, source.port), timeout=1)


@pytest.mark.parametrize(
    ("acceptes", "compresse"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=n", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_who_accepts_it(client, acceptes, compresse):
    with client.stream("GET", "/prospects", headers={"Accept-Encoding": acceptes}) as reponse:
        recu = b"".join(reponse.iter_raw())
    assert ("content-encoding" in reponse.headers) is compresse
    assert reponse.headers["vary"] == "Accept-Encoding"
    assert int(reponse.headers["content-length"]) == len(recu)
    assert (gzip.decompress(recu) if compresse else recu) == corps(120, 4)


def test_the_tag_is_strong_and_says_that_nothing_changed(client):
    premiere = client.get("/prospects")
    etag = premiere.headers["etag"]
    assert etag.startswith('"')
    assert client.get("/prospects", headers={"Accept-Encoding": "identity"}).headers["etag"] != etag
    for envoye in (etag, f'"autre", W/{etag}', "*"):
        seconde = client.get("/prospects", headers={"If-None-Match": envoye})
        assert (seconde.status_code, seconde.content) == (304, b"")
        assert seconde.headers["etag"] == etag
    assert client.get("/prospects", headers={"If-None-Match": '"autre"'}).status_code == 200
    client.post("/changements")
    apres = client.get("/prospects", headers={"If-None-Match": etag})
    assert apres.status_code == 200
    assert apres.headers["etag"] != etag


def test_changes_go_on_round_by_round_and_back_to_the_start(client):
    assert client.get("/etat").json() == {"tour": 0, "prospects": 120, "graine": 4}
    assert client.post("/changements").json()["tour"] == 1
    assert client.get("/prospects").content == corps(120, 4, tour=1)
    assert client.post("/changements", json={"part": 0.1}).json() == {
        "tour": 2,
        "modifies": 10,
        "nouveaux": 1,
        "repares": 1,
    }
    assert client.get("/etat").json()["prospects"] == len(client.get("/prospects").json()) == 121
    assert client.post("/remise-a-zero").json() == {"tour": 0}
    assert client.get("/prospects").content == corps(120, 4)


def test_the_last_round_is_a_refusal_and_not_a_crash(source, client):
    for _ in range(1_400):
        source.etat.changer(0)
    reponse = client.post("/changements")
    assert reponse.status_code == 409
    assert "remettre à zéro" in reponse.json()["erreur"]
    assert client.get("/etat").json()["tour"] == 1_400


def test_the_token_guards_all_but_the_presentation(http):
    with SourceReference(3, 1, jeton="s3cret-é") as source:
        http.base_url, client = source.url, http
        for entetes in (
            {},
            {"Authorization": "Bearer autre"},
            {"Authorization": "Basic s3cret-é".encode("latin-1")},
            {"Authorization": "Bearer"},
        ):
            for methode, chemin in (("GET", "/prospects"), ("GET", "/etat"), ("POST", "/changements")):
                refus = client.request(methode, chemin, headers=entetes)
                assert refus.status_code == 401
                assert refus.headers["www-authenticate"] == "Bearer"
                assert "jeton" in refus.json()["erreur"]
                assert "s3cret" not in refus.text
        bon = {"Authorization": "bearer s3cret-é".encode("latin-1")}
        assert len(client.get("/prospects", headers=bon).json()) == 3
        assert client.get("/etat", headers=bon).json()["tour"] == 0
        assert client.get("/").status_code == 200


def test_the_presentation_is_french_and_names_the_routes(client):
    reponse = client.get("/")
    assert reponse.headers["content-type"] == "text/plain; charset=utf-8"
    assert "inventés" in reponse.text
    assert all(route in reponse.text for route in ("/prospects", "/etat", "/changements", "/remise-a-zero"))


def test_head_gives_the_headers_alone(source, client):
    reponse = client.head("/prospects", headers={"Accept-Encoding": "identity"})
    assert int(reponse.headers["content-length"]) == len(corps(120, 4))
    recu = brut(source, b"HEAD /prospects HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert recu.endswith(b"\r\n\r\n")
    assert recu.count(b"\r\n\r\n") == 1


@pytest.mark.parametrize(
    ("route", "corps_envoye", "statut", "mot"),
    [
        ("GET /inconnu", None, 404, "n'existe pas"),
        ("DELETE /prospects", None, 405, "n'accepte que GET, HEAD"),
        ("GET /changements", None, 405, "POST"),
        ("POST /prospects", b"{}", 405, "GET"),
        ("POST /changements", b"{", 400, "JSON"),
        ("POST /changements", b"\xff", 400, "JSON"),
        ("POST /changements", b"[" * 9_000, 400, "JSON"),
        ("POST /changements", b"[]", 400, "objet"),
        ("POST /changements", b'{"nombre": 3}', 400, "part"),
        ("POST /changements", b'{"part": "1"}', 400, "entre 0 et 1"),
        ("POST /changements", b'{"part": true}', 400, "entre 0 et 1"),
        ("POST /changements", b'{"part": NaN}', 400, "entre 0 et 1"),
        ("POST /changements", b'{"part": -0.1}', 400, "entre 0 et 1"),
        ("POST /changements", b" " * 10_001, 413, "trop longue"),
    ],
)
def test_a_bad_request_gets_a_clear_error_and_changes_nothing(client, route, corps_envoye, statut, mot):
    methode, chemin = route.split()
    reponse = client.request(methode, chemin, content=corps_envoye)
    assert reponse.status_code == statut
    assert reponse.headers["content-type"] == "application/json; charset=utf-8"
    assert mot in reponse.json()["erreur"]
    assert "Traceback" not in reponse.text
    assert (reponse.headers.get("allow") is not None) is (statut == 405)
    assert client.get("/etat").json()["tour"] == 0


@pytest.mark.parametrize(
    ("octets", "statut"),
    [
        (b"n'importe quoi\r\n\r\n", b" 400 "),
        (b"BREW /prospects HTTP/1.1\r\nHost: x\r\n\r\n", b" 501 "),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b" 414 "),
        (b"GET / HTTP/3.0\r\n\r\n", b" 505 "),
        (b"POST /changements HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b" 400 "),
        (b"POST /changements HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n", b" 413 "),
        (b"POST /changements HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b" 411 "),
    ],
)
def test_what_is_no_request_at_all_is_answered_in_json_too(source, octets, statut):
    entetes, _, recu = brut(source, octets).partition(b"\r\n\r\n")
    if b"HTTP/1.1" in entetes:
        assert statut in entetes.split(b"\r\n")[0]
    assert json.loads(recu or entetes)["erreur"]


def test_what_a_refused_request_left_unread_is_not_taken_for_another(source):
    cachee = b"POST /changements HTTP/1.1\r\n\r\n"
    brut(source, b"POST /changements HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + cachee)
    assert source.etat.decrire()["tour"] == 0


def test_one_connection_serves_several_requests(source):
    demande = b"GET /etat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
    recu = brut(source, demande + demande.replace(b"keep-alive", b"close"))
    assert recu.count(b'"tour": 0') == 2


def test_a_client_that_hangs_up_disturbs_nobody(client, caplog, capfd):
    with SourceReference(3_000, 1) as source:
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", source.port), timeout=5) as connexion:
                connexion.sendall(b"GET /prospects HTTP/1.1\r\n\r\n")
                connexion.recv(10)
        assert client.get(f"{source.url}/etat").status_code == 200
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_an_answer_that_many_wait_for_is_made_once(monkeypatch):
    faits = []
    monkeypatch.setattr(etat, "encodes", lambda *_: faits.append(1) or time.sleep(0.2) or iter([b"1"]))
    present = etat.EtatReference(1, 1)
    fils = [threading.Thread(target=present.representation, kwargs={"compressee": True}) for _ in range(5)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert faits == [1]


def test_many_clients_at_once_get_the_same_bytes(client):
    recus = []
    fils = [threading.Thread(target=lambda: recus.append(client.get("/prospects").content)) for _ in range(8)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert recus == [corps(120, 4)] * 8
