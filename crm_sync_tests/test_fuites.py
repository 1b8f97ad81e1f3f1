"""Nothing personal and no secret leaves Postgres: not in an event, a log, an error, a terminal or a file."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest

from crm_sync.crm import journal
from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.commande import crm_sync, stockage_de_dagster
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import IBANS, commercial, contrat, prospect
from crm_sync_tests.synchro import synchroniser

JETON = "jeton-9f3a77-secret"
CLE_URL = "cle-dans-l-url-55d1"
MOT_DE_PASSE = "mot-de-passe-c0ffee"
CARTE = "880692310285"
BIC = "SOGEFRPPXXX"
IBAN_FAUX = "FR7630006000019999999999999"
SECRETS = (
    *IBANS,
    *(iban[-12:] for iban in IBANS),
    " ".join(IBANS[0][i : i + 4] for i in range(0, 27, 4)),
    IBAN_FAUX,
    BIC,
    CARTE,
    JETON,
    CLE_URL,
    MOT_DE_PASSE,
    "zyglowska",
    "confidentiel@",
    "0639980017",
    "639980017",
    "06 39 98 00 17",
    "vendeuse@",
    "0199000033",
)

INTIME = {
    "nom": "Zyglowska",
    "email": "confidentiel@exemple.example.org",
    "telephone": "06 39 98 00 17",
    "identityCard": {"numero": CARTE},
    "commercial": commercial("Vendeuse", telephone="0199000033"),
}
REPONSE = [
    prospect(1, contrat("R1"), contrat(None), **INTIME, informationsPaiement=[{"IBAN": IBANS[0], "BIC": BIC}]),
    # What is put aside, and why, must not tell what it is.
    prospect(
        2, **INTIME, informationsPaiement=[{"IBAN": IBAN_FAUX, "BIC": BIC}, {"IBAN": IBANS[1], "BIC": "0639980017"}]
    ),
    prospect(3, contrat("R3", montant=IBANS[2], dateSignature="confidentiel@exemple.example.org"), **INTIME),
    prospect(4, **{**INTIME, "nom": [IBANS[3]]}),
    prospect(5, **INTIME),
    prospect(5, **{**INTIME, "prenom": "Autre"}),
    # Values where nobody expects them: a status, a key, an id, a reference.
    prospect(6, contrat("R6", statut=f"rejet {IBANS[4]}"), **{**INTIME, "confidentiel@exemple.example.org": 1}),
    prospect(7, contrat("R7", statut="écrire à confidentiel@exemple.example.org"), **{**INTIME, IBANS[5]: 1}),
    prospect(8, contrat("R8", statut="tél. 06 39 98 00 17"), **INTIME),
    prospect(
        9, **{**INTIME, "email": None, "telephone": None}, informationsPaiement=[{"id": IBANS[0], "IBAN": IBANS[0]}]
    ),
    IBANS[0],
]


def sans_secret(texte: str, ou: str) -> None:
    trouves = [secret for secret in SECRETS if secret.lower() in texte.lower()]
    debuts = [texte.lower().index(secret.lower()) for secret in trouves]
    assert not trouves, f"{ou} : {[texte[max(0, debut - 200) : debut + 60] for debut in debuts[:3]]}"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemere:
        yield ephemere


@pytest.fixture
def secrete(base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database's URL with a password; the source asks for a token and has a key in its address."""
    monkeypatch.setenv("EXTERNAL_API_TOKEN", JETON)
    monkeypatch.setenv("EXTERNAL_API_URL", f"{source.url}?cle={CLE_URL}")
    source.donner(REPONSE)
    return base.url.replace("postgres:@", f"postgres:{MOT_DE_PASSE}@", 1)


def _dit_par_le_run(instance: dg.DagsterInstance, run_id: str) -> str:
    run = instance.get_run_by_id(run_id)
    return "\n".join([repr(run), *(f"{entree}\n{entree.to_json()}" for entree in instance.all_logs(run_id))])


def _dit_au_crm(base: Base) -> str:
    """Give what the button, the front end and ops are shown of a sync."""
    return json.dumps(
        base.lire(
            "select to_jsonb(s)::text from crm_sync.synchronisation s union all "
            "select to_jsonb(d)::text from crm_sync.demande_sync d union all "
            "select (to_jsonb(r) - 'id_prospect')::text from crm_sync.rejet r"
        ),
        ensure_ascii=False,
    )


def test_a_full_sync_with_rejects_tells_nothing(
    base: Base,
    secrete: str,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    issue = synchroniser(secrete, monkeypatch, instance=instance)
    assert issue.reussie
    assert issue.resultat["rejets"] >= 8
    assert any("Statuts de contrat inconnus" in texte for texte in issue.resultat["avertissements"])
    assert any("clés inconnues" in texte for texte in issue.resultat["avertissements"])
    _chercher(base, instance, issue.execution.run_id, caplog, capfd)


def _chercher(
    base: Base,
    instance: dg.DagsterInstance,
    run_id: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    sans_secret(_dit_par_le_run(instance, run_id), "événements de Dagster")
    sans_secret(_dit_au_crm(base), "tables montrées")
    sans_secret("\n".join(f"{r.getMessage()} {r.__dict__}" for r in caplog.records), "journaux")
    sorties = capfd.readouterr()
    sans_secret(sorties.out, "sortie standard")
    sans_secret(sorties.err, "sortie d'erreur")


def _valeur_dans_une_erreur_du_code(monkeypatch: pytest.MonkeyPatch, _: Base, __: SourceEssai) -> None:
    def echouer(*_args: Any, **_kwargs: Any) -> None:
        raise ValueError(INTIME["email"], IBANS[0], CARTE)

    monkeypatch.setattr(journal, "prevoir", echouer)


def _valeur_dans_une_erreur_de_la_base(_: pytest.MonkeyPatch, base: Base, __: SourceEssai) -> None:
    base.lire(
        "alter table service_finance.information_paiement_bancaire add constraint pas_de_francais check (iban !~ '^FR')"
    )


def _valeur_illisible_par_la_base(_: pytest.MonkeyPatch, base: Base, __: SourceEssai) -> None:
    base.lire("alter table service_core.client_base add constraint pas_de_mobile check (telephone !~ '6')")


def _jeton_refuse(_: pytest.MonkeyPatch, __: Base, source: SourceEssai) -> None:
    source.corps, source.statut = f"Bearer {JETON} {IBANS[0]}".encode(), 401


def _reponse_tronquee(_: pytest.MonkeyPatch, __: Base, source: SourceEssai) -> None:
    source.corps = source.corps[:-1]


def _page_d_erreur(_: pytest.MonkeyPatch, __: Base, source: SourceEssai) -> None:
    source.corps = f"<html>{JETON} confidentiel@exemple.example.org {IBANS[0]}</html>".encode()


def _redirection(_: pytest.MonkeyPatch, __: Base, source: SourceEssai) -> None:
    source.statut, source.entetes = 302, {"Location": f"https://ailleurs.example/?token={JETON}"}


def _cle_en_double(_: pytest.MonkeyPatch, __: Base, source: SourceEssai) -> None:
    source.corps = f'[{{"idProspect": 1, "{IBANS[0]}": 1, "{IBANS[0]}": 2}}]'.encode()


PANNES = (
    _valeur_dans_une_erreur_du_code,
    _valeur_dans_une_erreur_de_la_base,
    _valeur_illisible_par_la_base,
    _jeton_refuse,
    _reponse_tronquee,
    _page_d_erreur,
    _redirection,
    _cle_en_double,
)


@pytest.mark.parametrize("panne", PANNES, ids=lambda panne: panne.__name__.strip("_"))
def test_a_failure_tells_nothing_either(
    base: Base,
    source: SourceEssai,
    secrete: str,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    panne: Any,
) -> None:
    caplog.set_level(logging.DEBUG)
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    panne(monkeypatch, base, source)
    issue = synchroniser(secrete, monkeypatch, instance=instance)
    assert not issue.reussie
    assert base.valeur("select statut from crm_sync.demande_sync") == "echouee"
    _chercher(base, instance, issue.execution.run_id, caplog, capfd)


def test_the_command_leaves_nothing_on_the_terminal_in_its_folder_or_in_dagster_s_storage(
    base: Base, secrete: str, postgres: ServeurEmbarque, tmp_path: Path
) -> None:
    base.lire(
        "alter table service_finance.information_paiement_bancaire add constraint pas_de_francais check (iban !~ '^FR')"
    )
    dagster_url = stockage_de_dagster(postgres)
    fini = crm_sync("sync", base=Base(secrete), dagster_url=dagster_url, home=tmp_path)
    assert fini.returncode == 1
    sans_secret(fini.stdout + fini.stderr, "terminal")
    assert base.valeur("select count(*) from service_commercial.contrat") > 0
    fichiers = [fichier for fichier in tmp_path.rglob("*") if fichier.is_file()]
    assert fichiers
    for fichier in fichiers:
        sans_secret(fichier.read_bytes().decode("utf-8", "replace"), str(fichier))
    with psycopg.connect(dagster_url) as stockage:
        tables = stockage.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        assert ("event_logs",) in tables
        for (table,) in tables:
            contenu = stockage.execute(f'select t::text from "{table}" as t').fetchall()  # noqa: S608
            sans_secret("\n".join(ligne[0] for ligne in contenu), f"table {table} de Dagster")
