"""How the API answers: problems in French without an echo, ETags, cursors, the button and its limit, masked values."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_sync.api import curseurs, problemes, routes
from crm_sync.crm import demandes_vues, kpi
from crm_sync.crm.contrats_vus import Filtre
from crm_sync.crm.vue_360 import perime
from crm_sync_tests.api.conftest import Bureau
from crm_sync_tests.api.organisation import HOSTILE, organisation, ranger
from crm_sync_tests.api.service import service
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import BIC, IBANS, contrat, lecture, prospect, une_base
from crm_sync_tests.synchro import enchainer

VERBES = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")


def test_every_error_is_a_problem_in_french_without_an_echo(bureau: Bureau) -> None:
    client, moi = bureau.api.client, bureau.api.en_tetes(bureau.de_role("admin"))
    secret = "ce-qui-a-été-envoyé"
    reponses = {
        404: client.get(f"/{secret}", headers=moi),
        405: client.request("DELETE", "/moi", headers=moi),
        422: client.get("/kpi/contrats-par-commercial", params={"du": secret, "tri": secret}, headers=moi),
    }
    for statut, reponse in reponses.items():
        assert reponse.status_code == statut
        assert reponse.headers["content-type"] == "application/problem+json"
        assert reponse.json()["status"] == statut
        assert reponse.json()["title"] == problemes.TITRES[statut]
        assert secret not in reponse.text
    assert reponses[405].headers["allow"] == "GET"
    assert reponses[422].json()["detail"] == "Valeur manquante ou illisible : du, tri."
    assert {client.request(verbe, "/moi", headers=moi).status_code for verbe in VERBES} == {405}


@pytest.mark.parametrize(
    "parametres",
    [
        {"du": "2026-02-30"},
        {"statut": "perdu"},
        {"lecture": "autre"},
        {"tri": "email"},
        {"tri": "-nb_contrats; drop"},
        {"du": "2026-02-01", "au": "2026-01-01"},
    ],
)
def test_a_parameter_that_cannot_be_is_422(bureau: Bureau, parametres: dict[str, str]) -> None:
    assert bureau.api.lire("/kpi/contrats-par-commercial", bureau.de_role("admin"), **parametres) == 422


def test_an_unexpected_error_is_500_without_a_trace_here_or_its_text_in_the_log(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def mourir(*_: Any) -> Any:
        raise RuntimeError(IBANS[0])

    monkeypatch.setattr(routes.demandes_vues, "derniere", mourir)
    reponse = bureau.api.client.get("/synchronisations/derniere", headers=bureau.api.en_tetes(bureau.de_role("admin")))
    assert reponse.status_code == 500
    assert reponse.json()["title"] == "Erreur imprévue"
    assert "RuntimeError" in caplog.text
    assert "in derniere" in caplog.text
    assert IBANS[0] not in caplog.text + reponse.text
    monkeypatch.undo()
    assert bureau.api.lire("/moi", bureau.de_role("admin"))["role"] == "admin"


def test_a_database_that_is_away_is_503_and_comes_back(bureau: Bureau) -> None:
    admin = bureau.de_role("admin")
    bureau.base.lire("alter table service_core.utilisateur rename to ailleurs")
    assert bureau.api.lire("/moi", admin) == 503
    bureau.base.lire("alter table service_core.ailleurs rename to utilisateur")
    bureau.base.lire(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    assert bureau.api.lire("/moi", admin)["utilisateur_id"] == admin


def test_an_etag_saves_what_has_not_changed_and_is_nobody_elses(bureau: Bureau) -> None:
    client, moi = bureau.api.client, bureau.api.en_tetes(bureau.de_role("admin"))
    adresse = "/kpi/contrats-par-commercial"
    premiere = client.get(adresse, headers=moi)
    etag = premiere.headers["etag"]
    assert etag.startswith('W/"')
    assert premiere.headers["cache-control"] == "private, no-cache"
    assert premiere.headers["vary"] == "Authorization"
    for envoye in (etag, etag.removeprefix("W/"), f'"autre", {etag}', "*"):
        reponse = client.get(adresse, headers={**moi, "If-None-Match": envoye})
        assert (reponse.status_code, reponse.content, reponse.headers["etag"]) == (304, b"", etag)
    assert client.get(adresse, headers={**moi, "If-None-Match": 'W/"autre"'}).status_code == 200
    autre = bureau.api.en_tetes(bureau.de_role("commercial"))
    assert client.get(adresse, headers={**autre, "If-None-Match": etag}).status_code == 200
    assert client.get(adresse, headers={"If-None-Match": "*"}).status_code == 401


def test_a_cursor_is_good_for_its_list_only(bureau: Bureau) -> None:
    admin = bureau.de_role("admin")
    adresses = [f"/commerciaux/{a}/contrats" for a in bureau.tout.apporteurs]
    adresse, autre = [a for a in adresses if bureau.api.lire(a, admin, limite=1)["suite"]][:2]
    suite = bureau.api.lire(adresse, admin, limite=1)["suite"]
    assert isinstance(bureau.api.lire(adresse, admin, curseur=suite), dict)
    assert bureau.api.lire(autre, admin, curseur=suite) == 422
    assert bureau.api.lire(adresse, admin, curseur=suite, lecture="vendu") == 422
    for faux in ("", "x", "é", "AAAA", suite[:-3], curseurs.ecrire(("2025-01-01 00:00:00+00", "x'y"), 1)):
        assert bureau.api.lire(adresse, admin, curseur=faux) == 422


UN_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("instant", "ident", "bon"),
    [
        ("2025-01-31 22:59:59.123+00", UN_ID, True),
        ("-infinity", UN_ID, True),
        ("0044-03-15 12:00:00+00 BC", UN_ID, True),
        ("12000-02-29 00:00:00+00", UN_ID, True),
        ("2025-02-30 00:00:00+00", UN_ID, False),
        ("0000-01-01 00:00:00+00", UN_ID, False),
        ("999999-01-01 00:00:00+00", UN_ID, False),
        ("9999-01-01 00:00:00+00 BC", UN_ID, False),
        ("now", UN_ID, False),
        ("-infinity", "x", False),
        ("-infinity", "\0", False),
    ],
)
def test_a_forged_cursor_leads_to_a_place_of_the_list_or_is_422(
    bureau: Bureau, instant: str, ident: str, bon: bool
) -> None:
    commercial_id = next(iter(bureau.tout.apporteurs))
    forge = curseurs.ecrire((instant, ident), commercial_id, "portefeuille", Filtre())
    lu = bureau.api.lire(f"/commerciaux/{commercial_id}/contrats", bureau.de_role("admin"), curseur=forge)
    assert isinstance(lu, dict) if bon else lu == 422


def test_a_period_is_of_days_in_paris_both_included_and_sums_are_of_what_is_meant(bureau: Bureau) -> None:
    admin = bureau.de_role("admin")
    contrats = bureau.tout.contrats.values()

    def total(**filtre: Any) -> Any:
        return bureau.api.lire("/kpi/contrats-par-commercial", admin, **filtre)["total"]

    janvier = [c for c in contrats if c["date_signature"] == "2025-01-31T22:59:59Z"]
    fevrier = [c for c in contrats if c["date_signature"] == "2025-01-31T23:00:00Z"]
    assert total(au="2025-01-31")["nb_contrats"] == len(janvier) > 0
    assert total(du="2025-02-01", au="2025-02-01")["nb_contrats"] == len(fevrier) > 0
    valides = [c for c in contrats if c["statut"] == "valide"]
    assert total(statut="valide")["nb_contrats"] == total(statut="valide")["nb_valides"] == len(valides)
    montant = sum(float(c["montant"] or 0) for c in valides)
    assert total(statut="valide")["montant_total"] == f"{montant:.2f}"
    autres = [c for c in contrats if c["statut"] in {None, "ce que personne ne connaît"}]
    assert total(statut="autre")["nb_autres"] == len(autres) > 0
    assert total(statut=["valide", "autre"])["nb_contrats"] == len(valides) + len(autres)


def test_a_filter_that_leaves_everything_gives_the_table_itself(bureau: Bureau) -> None:
    admin = bureau.de_role("admin")
    tous = ["en_attente", "signe", "valide", "annule", "resilie", "autre"]
    table = bureau.api.lire("/kpi/contrats-par-commercial", admin)
    comptee = bureau.api.lire("/kpi/contrats-par-commercial", admin, statut=tous)
    assert comptee == table
    mois = bureau.api.lire("/kpi/contrats-par-mois", admin, du="0001-01-01", au="9999-12-31")["lignes"]
    avec_signature = [ligne for ligne in bureau.api.lire("/kpi/contrats-par-mois", admin)["lignes"] if ligne["mois"]]
    assert mois == avec_signature


@pytest.mark.parametrize("tri", ["nom", "-nb_contrats", "rang", "-montant_total", "dernier_contrat_le"])
def test_rows_are_sorted_as_asked_and_what_is_unknown_comes_last(bureau: Bureau, tri: str) -> None:
    lignes = bureau.api.lire("/kpi/contrats-par-commercial", bureau.de_role("admin"), tri=tri)["lignes"]
    colonne = tri.removeprefix("-")
    valeurs = [ligne[colonne] for ligne in lignes]
    connues = [float(v) if colonne.startswith("montant") else v for v in valeurs if v is not None]
    assert connues == sorted(connues, reverse=tri.startswith("-"))
    assert None not in valeurs[: len(connues)]


def test_a_hostile_name_stays_text(bureau: Bureau) -> None:
    (client_id,) = [c for c, ligne in bureau.tout.clients.items() if ligne["nom"] == HOSTILE]
    reponse = bureau.api.client.get(f"/clients/{client_id}", headers=bureau.api.en_tetes(bureau.de_role("admin")))
    assert reponse.json()["client"]["nom"] == HOSTILE
    assert reponse.headers["content-type"] == "application/json"
    assert reponse.headers["x-content-type-options"] == "nosniff"


def test_no_origin_may_call_unless_it_is_named(bureau: Bureau) -> None:
    origine = {"Origin": "https://crm.example"}
    assert "access-control-allow-origin" not in bureau.api.client.get("/sante", headers=origine).headers
    with service(une_base(bureau.base.url), origines=("https://crm.example",)) as ouverte:
        permise = ouverte.client.get("/sante", headers=origine)
        assert permise.headers["access-control-allow-origin"] == "https://crm.example"
        refusee = ouverte.client.get("/sante", headers={"Origin": "https://autre.example"})
        assert "access-control-allow-origin" not in refusee.headers
        avant = {**origine, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        assert ouverte.client.options("/moi", headers=avant).status_code == 200


def test_an_unexpected_error_is_an_answer_for_a_named_origin_too(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mourir(*_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(routes.demandes_vues, "derniere", mourir)
    with service(une_base(bureau.base.url), origines=("https://crm.example",)) as ouverte:
        en_tetes = {"Origin": "https://crm.example", **ouverte.en_tetes(bureau.de_role("admin"))}
        reponse = ouverte.client.get("/synchronisations/derniere", headers=en_tetes)
    assert reponse.status_code == 500
    assert reponse.headers["access-control-allow-origin"] == "https://crm.example"
    assert reponse.json()["title"] == "Erreur imprévue"


def test_the_button_files_requests_within_a_limit_that_every_process_keeps(bureau: Bureau) -> None:
    manager, commercial = bureau.de_role("manager"), bureau.de_role("commercial")
    with service(une_base(bureau.base.url)) as autre:
        assert bureau.api.client.post("/synchronisations", headers=bureau.api.en_tetes(commercial)).status_code == 403
        reponses = [
            api.client.post("/synchronisations", headers=api.en_tetes(manager))
            for api in (bureau.api, autre) * demandes_vues.NOMBRE
        ]
    statuts = [reponse.status_code for reponse in reponses]
    assert statuts == [202] * demandes_vues.NOMBRE + [429] * demandes_vues.NOMBRE
    assert 0 < int(reponses[-1].headers["retry-after"]) <= demandes_vues.FENETRE_S
    deposee = reponses[0].json()
    assert deposee == {"id": deposee["id"], "statut": "en_attente"}
    assert reponses[0].headers["location"] == f"/synchronisations/{deposee['id']}"
    suivie = bureau.api.lire(reponses[0].headers["location"], commercial)
    nom = bureau.tout.utilisateurs[manager]
    assert suivie["demande_par"] == f"{nom['prenom']} {nom['nom']}"
    assert (suivie["statut"], suivie["etape"], suivie["resultat"], suivie["run_id"]) == ("en_attente", None, None, None)
    prochaine = datetime.fromisoformat(suivie["prochaine"])
    assert timedelta() < prochaine - datetime.now(UTC) <= timedelta(hours=1)
    assert bureau.api.lire("/synchronisations/derniere", commercial)["statut"] == "en_attente"
    admin = bureau.de_role("admin")
    assert bureau.api.client.post("/synchronisations", headers=bureau.api.en_tetes(admin)).status_code == 202
    assert bureau.base.valeur("select count(*) from crm_sync.demande_sync") == demandes_vues.NOMBRE + 1


def test_a_request_that_waits_is_told_to_who_made_it_beside_the_sync_that_runs(base: Base) -> None:
    """What runs is what is followed; whose request waits for its end, only they are told."""
    tout = organisation(0)
    ranger(base.url, tout)
    moi, autre = (next(u for u in tout.utilisateurs if tout.role(u) == role) for role in ("manager", "admin"))
    base.lire(
        "insert into crm_sync.synchronisation (synchronisation_id, commence_le, statut, etape, genre) "
        "values ('horaire', now() - interval '1 minute', 'en_cours', 'lecture', 'synchronisation')"
    )
    with service(une_base(base.url)) as api:
        avant = api.lire("/synchronisations/derniere", moi)
        deposee = api.client.post("/synchronisations", headers=api.en_tetes(moi)).json()
        vues = {u: api.lire("/synchronisations/derniere", u) for u in (moi, autre)}
        suivie = api.lire(f"/synchronisations/{deposee['id']}", moi)
        base.lire("update crm_sync.demande_sync set statut = 'en_cours', run_id = 'suivante', commence_le = now()")
        prise = api.lire("/synchronisations/derniere", moi)
    assert (avant["id"], avant["votre_demande"], avant["perime"]) == ("horaire", None, True)
    assert {vue["id"] for vue in vues.values()} == {"horaire"}
    assert vues[moi]["votre_demande"] == {"id": deposee["id"], "demande_le": suivie["demande_le"]}
    assert vues[autre]["votre_demande"] is None
    assert (suivie["statut"], suivie["votre_demande"]["id"]) == ("en_attente", deposee["id"])
    assert (prise["id"], prise["run_id"], prise["votre_demande"]) == (deposee["id"], "suivante", None)


def test_stale_is_older_than_two_hours_or_never() -> None:
    maintenant = datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert perime(None, maintenant)
    assert perime("2026-11-24T11:59:59+00:00", maintenant)
    assert not perime("2026-11-24T12:00:00+00:00", maintenant)


MUETS = (IBANS[1], BIC, "4970101234567893", "X92")


def test_a_synced_client_is_shown_with_what_changed_and_nothing_private(base: Base) -> None:
    souscription = {
        "offre": {"nom": "Fibre"},
        "statut": "ACTIVE",
        "contrats": [contrat("R1"), contrat("R1bis")],
        "abonnement": {"dateDebut": "2025-01-01", "ibanPrelevement": IBANS[1], "note": f"prélevé sur {IBANS[1]} le 5"},
        "paiements": [
            {"montant": "29.9", "carte": "4970101234567893", "libelle": "CB 4970 1012 3456 7893", "banque": BIC}
        ],
    }
    carte = {"numero": "X92", "dateExpiration": "2032-11-26T00:00:00.000Z"}
    avant = prospect(1, Souscription=[souscription], identityCard=carte)
    with base.bases() as bases:
        enchainer(bases, lecture(avant, prospect(2)), "s1")
        apres = {
            **avant,
            "telephone": "0639980077",
            "Souscription": [{**souscription, "contrats": [contrat("R1", statut="Résilié"), contrat("R1bis")]}],
        }
        enchainer(bases, lecture(apres, prospect(2)), "s2")
    base.lire(
        "insert into service_core.utilisateur (email, role, actif, nom) values ('a@b.example', 'admin', true, 'A')"
    )
    admin = base.valeur("select id::text from service_core.utilisateur where role = 'admin'")
    client_id = base.valeur("select client_id::text from service_commercial.contrat where reference = 'R1'")
    with service(une_base(base.url)) as api:
        vue = api.lire(f"/clients/{client_id}", admin)
        un = api.lire(f"/contrats/{next(c['id'] for c in vue['contrats'] if c['reference'] == 'R1')}", admin)
        liste = api.lire(f"/commerciaux/{un['contrat']['portefeuille']['id']}/contrats", admin)
        derniere = api.lire("/synchronisations/derniere", admin)
    assert not any(muet in json.dumps(vue) for muet in MUETS)
    assert vue["paiements"] == [{"fin": IBANS[1][-4:], "bic": None, "disparu_le": None}]
    assert vue["carte_identite"] == {"presente": True, "expire_le": "2032-11-26"}
    (montree,) = vue["souscriptions"]
    assert (montree["offre"], montree["contrats"]) == ("Fibre", ["R1", "R1bis"])
    assert montree["abonnement"]["dateDebut"] == "2025-01-01"
    assert vue["versements"][0]["montant"] == "29.9"
    dits = {(c["reference"], c["champ"]): c for c in vue["changements"]}
    assert (dits["R1", "statut"]["avant"], dits["R1", "statut"]["apres"]) == ("valide", "resilie")
    assert dits["R1", "statut"]["run_id"] == "s2"
    assert dits[None, "telephone"]["apres"] == "…77"
    assert un["changements"][0] == dits["R1", "statut"]
    assert vue["fraicheur"]["perime"] is False
    assert None not in vue["fraicheur"].values()
    assert liste["fraicheur"] == vue["fraicheur"] | {"vu_dans_la_source_le": None}
    assert (derniere["id"], derniere["statut"], derniere["demande_par"]) == ("s2", "reussie", None)
    assert (derniere["run_id"], derniere["perime"]) == ("s2", False)
    assert derniere["resultat"]["contrats"]["modifies"] == 1
    assert "avertissements" not in derniere["resultat"]


def test_the_other_side_of_a_duplicate_is_named_only_to_who_sees_it(base: Base) -> None:
    tout = organisation(4)
    ranger(base.url, tout)
    moi = next(u for u in tout.utilisateurs if tout.role(u) == "commercial" and tout.clients_vus(u))
    admin = next(u for u in tout.utilisateurs if tout.role(u) == "admin")
    mien = next(iter(tout.clients_vus(moi)))
    cache = next(c for c in tout.clients if c not in tout.clients_vus(moi))
    base.lire(
        "insert into crm_sync.doublon_possible (id_a, id_b, regle, preuve) values (%s, %s, 'telephone', %s::jsonb)",
        f"client:{cache}",
        f"client:{mien}",
        json.dumps({"cles": ["telephone"], "refuses": [{"crm_id": cache, "motif": "nom_different"}]}),
    )
    with service(une_base(base.url)) as api:
        assert api.lire(f"/clients/{mien}", moi)["doublons"] == []
        (doublon,) = api.lire(f"/clients/{mien}", admin)["doublons"]
        assert cache not in json.dumps(api.lire(f"/clients/{mien}", moi))
    assert (doublon["client_id"], doublon["phrase"]) == (cache, "en commun : téléphone")


def test_a_contract_that_nobody_holds_is_the_reserved_ones_in_every_reading(base: Base) -> None:
    with base.bases() as bases:
        enchainer(bases, lecture(prospect(1), prospect(2, commercial=None)), "s1")
    reserve = base.valeur("select crm_id from crm_sync.lien where source_id = 'non_attribue'")
    base.lire(
        "set session_replication_role = replica; update service_commercial.contrat set commercial_id = gen_random_uuid()"
    )
    base.lire("insert into service_core.utilisateur (email, role, actif) values ('a@b.example', 'admin', true)")
    admin = base.valeur("select id::text from service_core.utilisateur where role = 'admin'")
    with base.bases() as bases:
        kpi.recalculer(bases)
    with service(une_base(base.url)) as api:
        adresse = "/kpi/contrats-par-commercial"
        for filtre in ({}, {"statut": "valide"}, {"du": "2025-01-01"}):
            lignes = api.lire(adresse, admin, **filtre)["lignes"]
            assert {ligne["commercial_id"]: ligne["nb_contrats"] for ligne in lignes if ligne["nb_contrats"]} == {
                reserve: 2
            }
        page = api.lire(f"/commerciaux/{reserve}/contrats", admin)["lignes"]
    assert {(c["reference"], c["portefeuille"]["nom"]) for c in page} == {
        ("R1", "Non attribué"),
        ("R2", "Non attribué"),
    }
