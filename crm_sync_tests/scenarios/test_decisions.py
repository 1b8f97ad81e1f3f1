"""A person decides that two records are one, or two: it is done at once, and beats every later sync."""

import pytest

from crm_sync import chaine
from crm_sync.crm import doublons
from crm_sync.errors import ConfigurationError
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import passer, prospect

A = "00000000-0000-4000-8000-00000000000a"
B = "00000000-0000-4000-8000-00000000000b"


def client(base: Base, qui: str, **colonnes: str) -> None:
    noms = ", ".join(["id", *colonnes])
    base.lire(
        f"insert into service_core.client_base ({noms}) values ({', '.join(['%s'] * (len(colonnes) + 1))})",  # noqa: S608
        qui,
        *colonnes.values(),
    )


def decider(base: Base, verdict: str, a: str, b: str) -> None:
    with base.bases() as bases:
        chaine.decider(bases, verdict, a, b, "ops")


def tenants(base: Base) -> dict[str, str]:
    return dict(base.lire("select source_id, crm_id from crm_sync.lien where entite = 'client' order by 1"))


def test_same_moves_our_links_contracts_and_bank_details_and_sticks(base: Base) -> None:
    passer(base, prospect(1))
    client(base, A, nom="NomB", prenom="PrenomB")
    autre = tenants(base)["1"]
    decider(base, "meme", f"client:{A}", f"client:{autre}")
    assert tenants(base) == {"1": A}
    assert base.lire("select client_id::text from service_commercial.contrat") == [(A,)]
    assert base.lire("select client_id::text from service_finance.information_paiement_bancaire") == [(A,)]
    assert base.valeur("select count(*) from service_core.client_base") == 2  # the other client is not deleted
    passer(base, prospect(1, prenom="PrenomB", telephone="0199000005"))
    assert tenants(base) == {"1": A}


def test_different_takes_a_prospect_off_its_client_with_what_it_brought(base: Base) -> None:
    client(base, A, nom="NomB", prenom="PrenomB", email="personne1@exemple.example.org")
    passer(base, prospect(1))
    assert tenants(base) == {"1": A}
    decider(base, "different", f"client:{A}", "prospect:1")
    nouveau = tenants(base)["1"]
    assert nouveau != A
    assert base.lire("select client_id::text from service_commercial.contrat") == [(nouveau,)]
    passer(base, prospect(1, telephone="0199000005"))
    assert tenants(base) == {"1": nouveau}


def test_a_decision_closes_the_pair_and_may_be_changed(base: Base) -> None:
    passer(base, prospect(1))
    client(base, A, nom="NomB", prenom="PrenomB")
    autre = tenants(base)["1"]
    premier, second = sorted((f"client:{A}", f"client:{autre}"))
    base.lire("insert into crm_sync.doublon_possible (id_a, id_b, regle) values (%s, %s, 'email')", premier, second)
    decider(base, "different", second, premier)
    with base.bases() as bases:
        assert doublons.lister(bases) == []
    decider(base, "meme", f"client:{A}", f"client:{autre}")
    assert base.lire("select verdict from crm_sync.decision") == [("meme",)]
    assert tenants(base) == {"1": A}


def test_two_prospects_decided_to_be_two_are_parted(base: Base) -> None:
    un, autre = prospect(1), prospect(2, nom="NomB", prenom="PrenomB", email="personne1@exemple.example.org")
    passer(base, un, autre)
    assert len(set(tenants(base).values())) == 1
    decider(base, "different", "prospect:1", "prospect:2")
    assert len(set(tenants(base).values())) == 2
    passer(base, un, autre)
    assert len(set(tenants(base).values())) == 2


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("client:x", "client:x"),
        ("personne:1", "prospect:1"),
        (f"client:{B}", "prospect:1"),
        ("prospect:9", "prospect:1"),
    ],
    ids=["itself", "no record", "no such client", "no such prospect"],
)
def test_what_cannot_be_decided_is_refused_in_one_sentence(base: Base, a: str, b: str) -> None:
    passer(base, prospect(1))
    with base.bases() as bases, pytest.raises(ConfigurationError):
        chaine.decider(bases, "meme", a, b, "ops")
    assert base.lire("select * from crm_sync.decision") == []


def test_the_client_that_is_kept_gets_what_it_lacks_and_keeps_what_it_has(base: Base) -> None:
    passer(base, prospect(1, telephone="0199000001"))
    client(base, A, nom="NomB", prenom="PrenomB", email="la-sienne@exemple.example.org")
    decider(base, "meme", f"client:{A}", f"client:{tenants(base)['1']}")
    assert base.lire("select email, telephone from service_core.client_base where id = %s", A) == [
        ("la-sienne@exemple.example.org", "0199000001")
    ]
