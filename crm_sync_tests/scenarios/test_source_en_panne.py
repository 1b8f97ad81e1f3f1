"""Each way in which the endpoint can fail: one sentence, the CRM untouched to the row version, the next answer syncs."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from crm_sync.embedded import ServeurEmbarque
from crm_sync.errors import SourceError, SourceTerminalError, SourceTransientError
from crm_sync.source.client import Endpoint
from crm_sync_tests.commande import crm_sync
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import IBANS, base_neuve, contrat, passer, prospect
from crm_sync_tests.synchro import enchainer, synchroniser

CONNUS = [prospect(1), prospect(2), prospect(3)]
DELAI_S = 0.3
JETON = "jeton-qui-ne-doit-pas-sortir"


def _corps(corps: bytes, statut: int = 200, **entetes: str) -> Callable[[SourceEssai], None]:
    def regler(source: SourceEssai) -> None:
        source.corps, source.statut = corps, statut
        source.entetes = {"Content-Type": "application/json", **entetes}

    return regler


def _repondre(repondeur: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[SourceEssai], None]:
    def regler(source: SourceEssai) -> None:
        source.repondeur = repondeur

    return regler


def _attendre_le_lecteur(demande: BaseHTTPRequestHandler) -> None:
    """Keep silent until the reader hangs up."""
    demande.connection.recv(1)
    demande.close_connection = True


def _debut_puis_silence(demande: BaseHTTPRequestHandler) -> None:
    demande.send_response(200)
    demande.send_header("Content-Length", "1000")
    demande.end_headers()
    demande.wfile.write(b'[{"idProspect": 1')
    _attendre_le_lecteur(demande)


def _coupure(demande: BaseHTTPRequestHandler) -> None:
    demande.send_response(200)
    demande.send_header("Content-Length", "1000")
    demande.end_headers()
    demande.wfile.write(b'[{"idProspect": 1')
    demande.close_connection = True


def _adresse(url: str) -> Callable[[SourceEssai], None]:
    def regler(source: SourceEssai) -> None:
        source.url = url.format(port=source.url.split(":")[2].split("/")[0])

    return regler


def _port_ferme(source: SourceEssai) -> None:
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        source.url = f"http://127.0.0.1:{libre.getsockname()[1]}/prospects"


ENTIER = json.dumps(CONNUS, ensure_ascii=False).encode()
DOUBLE_CLE = b'[{"idProspect": 1, "nom": "A", "prenom": "B", "nom": "C"}]'

PANNES: dict[str, tuple[Callable[[SourceEssai], None], type[SourceError], str]] = {
    "connection refused": (_port_ferme, SourceTransientError, "refuse la connexion"),
    "name unknown to DNS": (_adresse("http://source.invalid/prospects"), SourceTransientError, "introuvable (DNS)"),
    "no TLS behind https": (_adresse("https://127.0.0.1:{port}/prospects"), SourceTerminalError, "certificat ou TLS"),
    "time-out before the answer": (_repondre(_attendre_le_lecteur), SourceTransientError, "à temps (0.3 s)"),
    "time-out within the body": (_repondre(_debut_puis_silence), SourceTransientError, "à temps (0.3 s)"),
    "cut within the body": (_repondre(_coupure), SourceTransientError, "coupé la connexion"),
    "401": (_corps(b"{}", 401), SourceTerminalError, "EXTERNAL_API_TOKEN"),
    "403": (_corps(b"{}", 403), SourceTerminalError, "EXTERNAL_API_TOKEN"),
    "404": (_corps(b"", 404), SourceTerminalError, "EXTERNAL_API_URL"),
    "429": (_corps(b"", 429, **{"Retry-After": "3600"}), SourceTransientError, "trop de requêtes"),
    "500": (_corps(b"<html>boum</html>", 500), SourceTransientError, "en panne (500)"),
    "503": (_corps(b"", 503), SourceTransientError, "en panne (503)"),
    "204 without content": (_corps(b"", 204), SourceTerminalError, "204 au lieu de 200"),
    "redirect": (_corps(b"", 302, Location="/ailleurs"), SourceTerminalError, "autre adresse (302)"),
    "HTML with 200": (
        _corps(b"\n<!DOCTYPE html><html><body>Connexion</body></html>"),
        SourceTerminalError,
        "page HTML",
    ),
    "empty body": (_corps(b""), SourceTerminalError, "corps vide"),
    "truncated JSON": (_corps(ENTIER[:-40]), SourceTerminalError, "tronquée"),
    "truncated after a prospect": (_corps(ENTIER[:-1]), SourceTerminalError, "tronquée"),
    "two documents": (_corps(ENTIER + ENTIER), SourceTerminalError, "JSON strict"),
    "no JSON": (_corps(b"Erreur interne"), SourceTerminalError, "JSON strict"),
    "null": (_corps(b"null"), SourceTerminalError, "null au lieu d'une liste"),
    "an object": (_corps(b'{"data": []}'), SourceTerminalError, "un objet au lieu d'une liste"),
    "an empty list though prospects are known": (_corps(b"[]"), SourceTerminalError, "prospects sont connus"),
    "NaN": (_corps(b'[{"idProspect": 9, "montant": NaN}]'), SourceTerminalError, "JSON strict"),
    "duplicate keys": (_corps(DOUBLE_CLE), SourceTerminalError, "même clé figure deux fois"),
    "duplicate keys below": (
        _corps(b'[{"idProspect": 9, "nom": "A", "identityCard": {"n": {"a": 1, "a": 1}}}]'),
        SourceTerminalError,
        "même clé figure deux fois",
    ),
    "nested too deep": (
        _corps(b'[{"idProspect": 9, "x": ' + b"[" * 9000 + b"]" * 9000 + b"}]"),
        SourceTerminalError,
        "",
    ),
    "larger than the limit": (_corps(b"[" + b" " * 1_100_000 + b"]"), SourceTerminalError, "dépasse 1 Mo"),
    "Latin-1": (
        _corps('[{"nom": "Zoé"}]'.encode("latin-1"), **{"Content-Type": "application/json; charset=iso-8859-1"}),
        SourceTerminalError,
        "UTF-8",
    ),
    "UTF-16": (_corps('[{"nom": "Zoé"}]'.encode("utf-16")), SourceTerminalError, "UTF-8"),
    "gzip that is none": (_corps(ENTIER, **{"Content-Encoding": "gzip"}), SourceTerminalError, "mal compressée"),
}


@contextmanager
def rien_ne_bouge(base: Base) -> Iterator[None]:
    """Make sure that a block leaves the CRM, and what is stored of the source, as they were."""
    bruts = "select version_id, xmin::text, ctid::text from crm_sync.prospect_brut order by 1"
    presences = "select version_id, depuis, jusqu_a, xmin::text from crm_sync.prospect_presence order by 1"
    liens = "select entite, source_id, xmin::text from crm_sync.lien_externe order by 1, 2"
    requetes = (bruts, presences, liens, "select * from crm_sync.reponse order by 1")
    avant = base.empreinte_crm(), [base.lire(requete) for requete in requetes]
    yield
    assert (base.empreinte_crm(), [base.lire(requete) for requete in requetes]) == avant


def est_une_phrase_claire(message: str) -> None:
    """Check what every sentence for ops owes them: what happened, what to do, and nothing technical or secret."""
    assert message
    assert message[0].isupper()
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 300
    assert re.search(r"Vérifier|vérifier|[Pp]révenir|Faire|Donner|augmenter|réessaiera", message), "what to do"
    assert not re.search(r"Traceback|Error|Exception|httpx|None|Errno|File \"", message)
    assert not any(secret in message for secret in (JETON, *IBANS, "personne1", "exemple.example.org"))


@pytest.fixture(scope="module")
def base(postgres: ServeurEmbarque) -> Iterator[Base]:
    """One database for all these stories: each must leave it as it was, and then add to it."""
    with base_neuve(postgres) as neuve:
        passer(neuve, *CONNUS)
        yield neuve


def _rattraper(base: Base, source: SourceEssai, histoire: str) -> None:
    """Answer well again, with something new: it must arrive."""
    source.donner([*CONNUS, prospect(4, contrat("R4", description=histoire))])
    enchainer(base.bases(), Endpoint(source.url, essais=1), f"après {histoire}")
    assert base.valeur("select description from service_commercial.contrat where reference = 'R4'") == histoire


@pytest.mark.parametrize(("panne", "genre", "indice"), PANNES.values(), ids=PANNES)
def test_a_broken_source_gives_one_sentence_and_changes_nothing(
    base: Base,
    source: SourceEssai,
    request: pytest.FixtureRequest,
    panne: Callable[[SourceEssai], None],
    genre: type[SourceError],
    indice: str,
) -> None:
    histoire, bonne = request.node.callspec.id, (source.url, dict(source.entetes))
    base.lire("insert into crm_sync.demande_sync (demande_par) values (%s)", histoire)
    panne(source)
    endpoint = Endpoint(source.url, JETON, delai_s=DELAI_S, essais=1, taille_max_mo=1)
    with rien_ne_bouge(base), pytest.raises(SourceError) as leve:
        enchainer(base.bases(), endpoint, histoire)

    message = str(leve.value)
    assert type(leve.value) is genre
    assert indice in message
    est_une_phrase_claire(message)
    assert base.lire(
        "select statut, message, resultat ->> 'message', resultat ->> 'statut', termine_le is not null, run_id "
        "from crm_sync.demande_sync where demande_par = %s",
        histoire,
    ) == [("echouee", message, message, "echouee", True, histoire)]
    assert base.lire(
        "select statut, message from crm_sync.synchronisation where synchronisation_id = %s", histoire
    ) == [("echouee", message)]
    assert base.valeur("select titulaire from crm_sync.verrou") is None

    source.url, source.entetes = bonne
    _rattraper(base, source, histoire)


@pytest.mark.longue
@pytest.mark.parametrize("histoire", ["an empty list though prospects are known", "HTML with 200", "404"])
def test_the_command_says_it_in_one_json_document_and_exits_with_1(
    base: Base, source: SourceEssai, dagster_url: str, tmp_path: Path, histoire: str
) -> None:
    base.lire("insert into crm_sync.demande_sync (demande_par) values (%s)", f"bouton : {histoire}")
    panne, _, indice = PANNES[histoire]
    panne(source)
    with rien_ne_bouge(base):
        fini = crm_sync("sync", "--json", base=base, dagster_url=dagster_url, home=tmp_path)

    assert fini.returncode == 1
    document = json.loads(fini.stdout)  # one document: anything beside it would not be JSON
    est_une_phrase_claire(document["message"])
    assert document["statut"] == "echouee"
    assert indice in document["message"]
    assert "Traceback" not in fini.stderr
    assert base.lire(
        "select statut, message, run_id from crm_sync.demande_sync where demande_par = %s", f"bouton : {histoire}"
    ) == [("echouee", document["message"], document["run_id"])]


def test_the_hourly_run_shows_the_same_sentence_in_dagster(
    base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch
) -> None:
    PANNES["null"][0](source)
    with rien_ne_bouge(base):
        issue = synchroniser(base.url, monkeypatch)
    assert not issue.reussie
    assert issue.message == issue.resultat["message"]
    est_une_phrase_claire(issue.resultat["message"])
    assert [event.asset_key.to_user_string() for event in issue.execution.get_asset_materialization_events()] == []
