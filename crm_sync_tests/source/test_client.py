"""One GET of the endpoint: each fault of the network and of HTTP is one French sentence, and no secret is in it."""

import gzip
import json
import logging
import re
import socket
import traceback
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event
from types import SimpleNamespace

import httpx
import pytest
import tenacity.nap

from crm_sync.errors import ConfigurationError, CrmSyncError, SourceTerminalError, SourceTransientError
from crm_sync.source import client
from crm_sync.source.client import Endpoint
from crm_sync.source.lecture import decouper
from crm_sync_tests.conftest import SourceEssai

JETON = "jeton-tres-secret-42"
IBAN = "FR1420041010050500013M02606"
LISTE = json.dumps([{"idProspect": 1, "nom": "Moreau"}]).encode()
URL = "http://source.example/prospects"

Repondre = Callable[[httpx.Request], httpx.Response]


def point(url: str = URL, **reste) -> Endpoint:
    return Endpoint(url, **{"essais": 1, "delai_s": 5.0, "jeton": JETON, **reste})


def simule(repondre: Repondre, **reste) -> Endpoint:
    return point(transport=httpx.MockTransport(repondre), **reste)


def refus(endpoint: Endpoint, classe: type[CrmSyncError]) -> str:
    """Read, and give the sentence of the refusal, having looked for secrets everywhere that a log would print."""
    with pytest.raises(classe) as faute:
        endpoint.lire()
    assert type(faute.value) is classe
    trace = "".join(traceback.format_exception(faute.value))
    for secret in (JETON, IBAN):
        assert secret not in f"{faute.value!s} {faute.value!r} {trace}"
    return str(faute.value)


@pytest.fixture
def attentes(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have slept between two tries; nobody sleeps."""
    secondes: list[float] = []
    monkeypatch.setattr(tenacity.nap, "time", SimpleNamespace(sleep=secondes.append))
    return secondes


@pytest.fixture
def fin() -> Iterator[Event]:
    """Set when the test is over: a server that keeps somebody waiting waits for this."""
    evenement = Event()
    yield evenement
    evenement.set()


# --- A connection that does not come about


def test_nobody_listens() -> None:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))  # ours, and silent: nobody else can take the port
        phrase = refus(point(f"http://127.0.0.1:{prise.getsockname()[1]}/"), SourceTransientError)
    assert "refuse la connexion" in phrase
    assert "EXTERNAL_API_URL" in phrase


def test_a_name_that_no_dns_knows() -> None:
    phrase = refus(point("http://prospects.source.invalid/liste"), SourceTransientError)
    assert "prospects.source.invalid" in phrase
    assert "DNS" in phrase


def test_https_against_a_server_that_speaks_plain_http(source: SourceEssai) -> None:
    phrase = refus(point(source.url.replace("http:", "https:")), SourceTerminalError)
    assert "TLS" in phrase
    assert not source.demandes


def test_a_source_that_does_not_even_accept_the_connection() -> None:
    def tarder(requete: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("", request=requete)

    assert "ne répond pas à la connexion en 5 s" in refus(simule(tarder), SourceTransientError)


# --- A connection that breaks


def test_a_time_out_before_the_headers(source: SourceEssai, fin: Event) -> None:
    def se_taire(serveur) -> None:
        serveur.close_connection = True
        fin.wait(60)

    source.repondeur = se_taire
    assert "n'a pas envoyé sa réponse à temps (0.3 s)" in refus(point(source.url, delai_s=0.3), SourceTransientError)


def test_a_time_out_inside_the_body(source: SourceEssai, fin: Event) -> None:
    def commencer(serveur) -> None:
        serveur.send_response(200)
        serveur.send_header("Content-Length", "1000")
        serveur.end_headers()
        serveur.wfile.write(b"[{")
        serveur.close_connection = True
        fin.wait(60)

    source.repondeur = commencer
    assert "à temps" in refus(point(source.url, delai_s=0.3), SourceTransientError)


def test_a_connection_that_is_cut_inside_the_body(source: SourceEssai) -> None:
    def couper(serveur) -> None:
        serveur.send_response(200)
        serveur.send_header("Content-Length", "1000")
        serveur.end_headers()
        serveur.wfile.write(f'[{{"IBAN": "{IBAN}"'.encode())
        serveur.close_connection = True

    source.repondeur = couper
    assert "a coupé la connexion" in refus(point(source.url), SourceTransientError)


def test_a_connection_that_is_closed_without_an_answer(source: SourceEssai) -> None:
    def se_taire(serveur) -> None:
        serveur.close_connection = True

    source.repondeur = se_taire
    assert "a coupé la connexion" in refus(point(source.url), SourceTransientError)


def test_a_server_that_does_not_speak_http(source: SourceEssai) -> None:
    def bavarder(serveur) -> None:
        serveur.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        serveur.close_connection = True

    source.repondeur = bavarder
    assert "a coupé la connexion" in refus(point(source.url), SourceTransientError)


def test_a_body_that_comes_in_drops_does_not_hold_the_sync_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each drop comes in time, so no time-out of the socket ever ends it."""
    instants = iter(range(0, 100_000, 300))
    monkeypatch.setattr(client, "monotonic", lambda: next(instants))
    gouttes: list[bytes] = []

    class AuGoutteAGoutte(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while len(gouttes) < 100:
                gouttes.append(b" ")
                yield b" "

    phrase = refus(simule(lambda _: httpx.Response(200, stream=AuGoutteAGoutte())), SourceTransientError)
    assert "trop lentement" in phrase
    assert len(gouttes) < 10


# --- An answer that is a refusal


@pytest.mark.parametrize(
    ("statut", "entetes", "classe", "mots"),
    [
        (401, {}, SourceTerminalError, ("refuse l'accès (401)", "EXTERNAL_API_TOKEN")),
        (403, {}, SourceTerminalError, ("refuse l'accès (403)", "EXTERNAL_API_TOKEN")),
        (404, {}, SourceTerminalError, ("404", "EXTERNAL_API_URL")),
        (429, {}, SourceTransientError, ("429", "trop de requêtes")),
        (500, {}, SourceTransientError, ("en panne (500)",)),
        (502, {}, SourceTransientError, ("en panne (502)",)),
        (503, {"Retry-After": "1"}, SourceTransientError, ("en panne (503)",)),
        (301, {"Location": "https://ailleurs.example/"}, SourceTerminalError, ("autre adresse (301)", "jeton")),
        (302, {"Location": "/connexion"}, SourceTerminalError, ("autre adresse (302)", "EXTERNAL_API_URL")),
        (307, {"Location": "http://127.0.0.1:1/"}, SourceTerminalError, ("autre adresse (307)",)),
        (300, {}, SourceTerminalError, ("300 au lieu de 200",)),
        (204, {}, SourceTerminalError, ("204 au lieu de 200",)),
        (206, {}, SourceTerminalError, ("206 au lieu de 200",)),
        (304, {}, SourceTerminalError, ("304 au lieu de 200",)),
        (400, {}, SourceTerminalError, ("400 au lieu de 200",)),
        (418, {}, SourceTerminalError, ("418 au lieu de 200",)),
    ],
)
def test_a_status_that_is_not_200(source: SourceEssai, statut, entetes, classe, mots) -> None:
    source.statut, source.entetes = statut, {"Connection": "close", **entetes}
    source.corps = b"" if statut in {204, 304} else f'{{"IBAN": "{IBAN}"}}'.encode()
    phrase = refus(point(source.url), classe)
    assert all(mot in phrase for mot in mots)
    assert "Le CRM garde ce qu'il avait." in phrase
    assert len(source.demandes) == 1, "a redirect is not followed, and one try is one request"


def test_an_error_carries_the_status_and_nothing_of_the_answer(source: SourceEssai) -> None:
    source.statut, source.entetes, source.corps = 429, {"Retry-After": "7", "Connection": "close"}, IBAN.encode()
    with pytest.raises(SourceTransientError) as faute:
        point(source.url).lire()
    assert (faute.value.status, faute.value.attendre_s) == (429, 7.0)
    assert IBAN not in repr(vars(faute.value))


# --- Trying again


def servir(*reponses: httpx.Response) -> tuple[Repondre, list[httpx.Request]]:
    """Answer with these in turn, the last one for ever."""
    demandes: list[httpx.Request] = []

    def repondre(requete: httpx.Request) -> httpx.Response:
        demandes.append(requete)
        return reponses[min(len(demandes), len(reponses)) - 1]

    return repondre, demandes


def test_two_503_and_then_the_list(attentes: list[float]) -> None:
    repondre, demandes = servir(httpx.Response(503), httpx.Response(503), httpx.Response(200, content=LISTE))
    assert simule(repondre, essais=4).lire().corps == LISTE
    assert len(demandes) == 3
    assert len(attentes) == 2
    assert 0 < attentes[0] < attentes[1] + 1, "the waits grow, up to their jitter"


@pytest.mark.parametrize("statut", [429, 500, 503])
def test_what_does_not_pass_is_given_up_after_the_last_try(attentes: list[float], statut: int) -> None:
    repondre, demandes = servir(httpx.Response(statut))
    assert str(statut) in refus(simule(repondre, essais=3), SourceTransientError)
    assert len(demandes) == 3
    assert len(attentes) == 2


@pytest.mark.parametrize("statut", [204, 302, 401, 403, 404, 418])
def test_what_somebody_must_mend_is_not_tried_again(attentes: list[float], statut: int) -> None:
    repondre, demandes = servir(httpx.Response(statut, headers={"Location": "/", "Retry-After": "1"}))
    refus(simule(repondre, essais=5), SourceTerminalError)
    assert len(demandes) == 1
    assert attentes == []


def test_a_list_that_is_cut_is_read_again_from_its_beginning(source: SourceEssai, attentes: list[float]) -> None:
    def couper_la_premiere(serveur) -> None:
        serveur.send_response(200)
        serveur.send_header("Content-Length", str(len(LISTE)))
        serveur.end_headers()
        serveur.wfile.write(LISTE[: 5 if len(source.demandes) == 1 else None])
        serveur.close_connection = True

    source.repondeur = couper_la_premiere
    assert point(source.url, essais=2).lire().corps == LISTE
    assert len(attentes) == 1


@pytest.mark.parametrize("statut", [429, 503])
@pytest.mark.parametrize(("demande", "attendu"), [("17", 17.0), ("0", 0.0), (" 3 ", 3.0), ("86400", 60.0)])
def test_retry_after_in_seconds_is_honoured_up_to_a_minute(attentes, statut, demande, attendu) -> None:
    repondre, _ = servir(httpx.Response(statut, headers={"Retry-After": demande}), httpx.Response(200, content=LISTE))
    simule(repondre, essais=2).lire()
    assert attentes == [attendu]


@pytest.mark.parametrize(("dans_s", "au_moins", "au_plus"), [(50, 20, 50), (-3600, 0, 0), (7200, 60, 60)])
def test_retry_after_as_a_date_is_honoured(attentes, dans_s: int, au_moins: float, au_plus: float) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=dans_s), usegmt=True)
    repondre, _ = servir(httpx.Response(429, headers={"Retry-After": date}), httpx.Response(200, content=LISTE))
    simule(repondre, essais=2).lire()
    assert au_moins <= attentes[0] <= au_plus


@pytest.mark.parametrize("demande", ["bientôt", "", "-5", "1.5", "Tue, 99 Jan 2030", "Tue, 01 Jan 2030 00:00:00 -0000"])
def test_a_retry_after_that_cannot_be_read_leaves_the_wait_to_us(attentes: list[float], demande: str) -> None:
    entetes = {"Retry-After": demande.encode()}
    repondre, _ = servir(httpx.Response(503, headers=entetes), httpx.Response(200, content=LISTE))
    simule(repondre, essais=2, attente_s=1.0).lire()
    assert 0 < attentes[0] <= 2, "the first wait and its jitter"


# --- The body


def test_the_body_is_as_sent_with_when_it_came_and_its_etag(source: SourceEssai) -> None:
    source.corps = b'\xef\xbb\xbf [ {"idProspect" : 1} ]\r\n'
    source.entetes = {"ETag": 'W/"v1"', "Content-Type": "text/plain; charset=latin-1"}
    avant = datetime.now(UTC)
    reponse = point(source.url).lire()
    assert reponse.corps == source.corps
    assert reponse.etag == 'W/"v1"'
    assert not reponse.inchangee
    assert avant <= reponse.recue_le <= datetime.now(UTC)


@pytest.mark.parametrize("codage", ["gzip", "deflate"])
def test_a_compressed_answer_is_asked_for_and_read(source: SourceEssai, codage: str) -> None:
    source.corps = (gzip.compress if codage == "gzip" else zlib.compress)(LISTE)
    source.entetes = {"Content-Encoding": codage}
    assert point(source.url).lire().corps == LISTE
    assert codage in source.demandes[0]["Accept-Encoding"]


@pytest.mark.parametrize("corps", [LISTE, gzip.compress(LISTE)[:10] + b"\xff" * 30], ids=["not gzip", "spoilt gzip"])
def test_a_body_that_is_badly_compressed(source: SourceEssai, corps: bytes) -> None:
    source.corps, source.entetes = corps, {"Content-Encoding": "gzip"}
    assert "mal compressée" in refus(point(source.url), SourceTerminalError)


def test_a_gzip_that_stops_early_never_passes_for_a_whole_list(source: SourceEssai) -> None:
    entier = gzip.compress(json.dumps([{"idProspect": i, "nom": f"Moreau {i}"} for i in range(500)]).encode())
    source.corps, source.entetes = entier[: len(entier) // 2], {"Content-Encoding": "gzip"}
    with pytest.raises(SourceTerminalError, match="tronquée"):
        decouper(point(source.url).lire().corps)


@pytest.mark.parametrize("codage", ["", "gzip"])
def test_an_answer_beyond_the_limit_of_size_is_refused_by_its_decompressed_size(source: SourceEssai, codage) -> None:
    juste = b"[" + b" " * (client.MEGA - 2) + b"]"
    for corps, passe in ((juste, True), (juste + b" ", False)):
        source.corps = gzip.compress(corps) if codage else corps
        source.entetes = {"Connection": "close", **({"Content-Encoding": codage} if codage else {})}
        endpoint = point(source.url, taille_max_mo=1)
        if passe:
            assert endpoint.lire().corps == corps
        else:
            phrase = refus(endpoint, SourceTerminalError)
            assert "dépasse 1 Mo" in phrase
            assert "CRM_SYNC_TAILLE_MAX_MO" in phrase


def test_an_endless_answer_is_dropped_at_the_limit() -> None:
    lus: list[int] = []

    class SansFin(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while len(lus) < 100:
                lus.append(1)
                yield b" " * 500_000

    assert "dépasse 2 Mo" in refus(
        simule(lambda _: httpx.Response(200, stream=SansFin()), taille_max_mo=2), SourceTerminalError
    )
    assert len(lus) <= 7


# --- Nothing new


def test_the_etag_of_the_last_answer_lets_the_source_say_that_nothing_changed() -> None:
    def repondre(requete: httpx.Request) -> httpx.Response:
        if requete.headers.get("If-None-Match") == '"v7"':
            return httpx.Response(304, headers={"ETag": '"v7"'})
        return httpx.Response(200, content=LISTE, headers={"ETag": '"v7"'})

    premiere = simule(repondre).lire()
    seconde = simule(repondre).lire(premiere.etag)
    autre = simule(repondre).lire('"v6"')
    assert (premiere.inchangee, premiere.corps, premiere.etag) == (False, LISTE, '"v7"')
    assert (seconde.inchangee, seconde.corps, seconde.etag) == (True, b"", '"v7"')
    assert (autre.inchangee, autre.corps) == (False, LISTE)


def test_a_first_request_asks_for_no_etag(source: SourceEssai) -> None:
    reponse = point(source.url).lire()
    assert reponse.etag is None
    assert "If-None-Match" not in source.demandes[0]


def test_an_etag_that_no_header_can_carry_is_not_sent_back(source: SourceEssai) -> None:
    source.entetes = {"ETag": '"été"'}
    etag = point(source.url).lire().etag
    assert point(source.url).lire(etag).corps == b"[]"


# --- The token


def test_the_token_is_sent_as_a_bearer_and_is_in_no_log(source: SourceEssai, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    point(f"{source.url}?cle={JETON}").lire()
    point(source.url.replace("http://", f"http://ops:{JETON}@"), jeton=None).lire()
    source.statut, source.entetes = 503, {"Retry-After": "0", "Connection": "close"}
    refus(point(f"{source.url}?cle={JETON}", essais=2), SourceTransientError)
    assert source.demandes[0]["Authorization"] == f"Bearer {JETON}"
    assert JETON not in caplog.text


def test_no_header_without_a_token(source: SourceEssai) -> None:
    point(source.url, jeton=None).lire()
    assert "Authorization" not in source.demandes[0]


def test_an_endpoint_can_be_printed_without_its_secrets() -> None:
    endpoint = point(f"https://ops:{JETON}@source.example/?cle={JETON}")
    assert JETON not in f"{endpoint!r} {endpoint!s}"


@pytest.mark.parametrize("jeton", ["clé-secrète", "deux\nlignes", "nul\x00", "retour\r", "emoji-🔑"])
def test_a_token_that_no_header_can_carry_is_said_before_anything_is_sent(source: SourceEssai, jeton: str) -> None:
    with pytest.raises(ConfigurationError, match="EXTERNAL_API_TOKEN") as faute:
        point(source.url, jeton=jeton).lire()
    assert jeton not in "".join(traceback.format_exception(faute.value))
    assert not source.demandes


# --- The address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "source.example/prospects",
        "//source.example/prospects",
        "ftp://source.example/prospects",
        "file:///etc/hostname",
        "http://",
        "http:///prospects",
        "https://[::1/prospects",
        "http://source.example:port/",
        "http://source.example:65536/",
        "http://xn--.example/",
        "http://source.example/\x00",
        " https://source.example/",
    ],
)
def test_an_address_that_is_none_is_said_before_anything_is_sent(url: str) -> None:
    def jamais(_: httpx.Request) -> httpx.Response:
        raise AssertionError(url)

    assert "EXTERNAL_API_URL" in refus(simule(jamais, url=url), ConfigurationError)


@pytest.mark.parametrize(
    ("url", "hote"),
    [
        ("http://source.example/prospects?cle=1", "La source source.example est"),
        ("https://ops@source.example:8443/", "La source source.example:8443 est"),
        ("http://source.example:65535/", "La source source.example:65535 est"),
    ],
)
def test_a_sentence_names_the_host_and_the_port_that_was_given(url: str, hote: str) -> None:
    assert refus(simule(lambda _: httpx.Response(500), url=url), SourceTransientError).startswith(hote)


@pytest.mark.parametrize(
    "url",
    [
        f"http://{'a' * 64}.invalid/",
        "http://a..invalid/",
    ],
)
def test_an_address_that_only_the_network_layer_refuses(url: str) -> None:
    assert "EXTERNAL_API_URL" in refus(point(url), ConfigurationError)


@pytest.mark.parametrize(
    ("variable", "valeur"),
    [
        ("SSL_CERT_FILE", "/nulle/part.pem"),
        ("HTTP_PROXY", "socks5://mandataire.invalid"),
        ("HTTP_PROXY", "ftp://mandataire.invalid"),
    ],
)
def test_a_badly_set_proxy_or_certificate_file_is_a_fault_of_configuration(monkeypatch, variable, valeur) -> None:
    monkeypatch.setenv(variable, valeur)
    assert variable in refus(point("http://127.0.0.1:1/"), ConfigurationError)


# --- Nothing of httpx escapes


def toutes(classe: type[Exception]) -> Iterator[type[Exception]]:
    yield classe
    for fille in classe.__subclasses__():
        yield from toutes(fille)


FAUTES_HTTPX = sorted(
    {*toutes(httpx.HTTPError), *toutes(httpx.StreamError), httpx.InvalidURL, httpx.CookieConflict},
    key=lambda classe: classe.__name__,
)
DE_NOTRE_FAIT = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


def fabriquer(classe: type[Exception]) -> Exception:
    """Make an error of httpx that says a secret."""
    if classe is httpx.HTTPStatusError:
        requete = httpx.Request("GET", URL)
        return httpx.HTTPStatusError(JETON, request=requete, response=httpx.Response(500, request=requete))
    try:
        return classe(JETON)
    except TypeError:
        return classe()


@pytest.mark.parametrize("ou", ["before the headers", "inside the body"])
@pytest.mark.parametrize("classe", FAUTES_HTTPX)
def test_no_fault_of_httpx_escapes(classe: type[Exception], ou: str) -> None:
    class Casse(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"[{"
            raise fabriquer(classe)

    def casser(_: httpx.Request) -> httpx.Response:
        if ou == "inside the body":
            return httpx.Response(200, stream=Casse())
        raise fabriquer(classe)

    passagere = issubclass(classe, httpx.TransportError) and not issubclass(classe, DE_NOTRE_FAIT)
    phrase = refus(simule(casser), SourceTransientError if passagere else SourceTerminalError)
    assert re.match(r"L[ae] \w+ ", phrase), phrase
    assert "source.example" in phrase


def test_the_walk_meets_the_whole_family() -> None:
    noms = {classe.__name__ for classe in FAUTES_HTTPX}
    assert {"ConnectTimeout", "ReadError", "RemoteProtocolError", "DecodingError", "StreamConsumed"} <= noms
    assert len(noms) > 25
