"""Somebody else writes in the CRM while a sync does: nothing of theirs is overwritten, nothing of ours is doubled."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from crm_sync.crm import apply, connexion, journal, snapshot
from crm_sync.crm.session import Session
from crm_sync.errors import DatabaseUnavailableError, WriteError
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import IBANS, commercial, comptes, contrat, lecture, passer, prospect, rejets
from crm_sync_tests.synchro import enchainer

MODIFIES = "select count(*) from crm_sync.journal where action = 'modification'"


def _pendant(
    monkeypatch: pytest.MonkeyPatch, ou: Any, nom: str, entite: str, agir: Callable[[], object], *, fois: int = 1
) -> list[str]:
    """Do something through another connection right after a step of an entity, the first `fois` times it is met."""
    vraie, faits = getattr(ou, nom), []

    def puis(*args: Any, **kwargs: Any) -> Any:
        rendu = vraie(*args, **kwargs)
        if entite in [argument for argument in args if isinstance(argument, str)] and len(faits) < fois:
            faits.append(entite)
            agir()
        return rendu

    monkeypatch.setattr(ou, nom, puis)
    return faits


def test_a_row_edited_between_snapshot_and_writing_keeps_the_edit_and_gets_the_rest(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, prospect(1), prospect(2))

    def saisir() -> None:
        base.lire("update service_core.client_base set telephone = '0199000001', updated_at = now() where nom = 'NomB'")

    faits = _pendant(monkeypatch, snapshot, "lire_lignes", "client", saisir)
    session = passer(base, prospect(1, prenom="Corrigé"), prospect(2, prenom="Aussi"))
    assert faits
    assert base.lire("select nom, prenom, telephone from service_core.client_base order by nom") == [
        ("NomB", "Corrigé", "0199000001"),
        ("NomC", "Aussi", "0639980002"),
    ]
    assert comptes(base, session)["clients"]["modifies"] == 2
    # The journal tells what was written, and not what was refused.
    assert base.valeur(MODIFIES) == 2
    assert base.valeur("select count(*) from crm_sync.plan where refusee") == 1


def test_a_row_that_changes_at_every_look_is_left_for_the_next_sync_and_holds_nobody_up(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, prospect(1), prospect(2))
    with monkeypatch.context() as agitation:
        _pendant(
            agitation,
            snapshot,
            "lire_lignes",
            "client",
            lambda: base.lire("update service_core.client_base set statut = statut where nom = 'NomB'"),
            fois=99,
        )
        session = passer(base, prospect(1, prenom="Corrigé"), prospect(2, prenom="Aussi"))
    assert base.lire("select prenom from service_core.client_base order by nom") == [("PrenomB",), ("Aussi",)]
    assert rejets(base) == [("clients", "/", "ligne_modifiee")]
    assert comptes(base, session)["clients"]["rejets"] == 1
    assert any("changeaient pendant" in texte for texte in session.avertissements)

    passer(base, prospect(1, prenom="Corrigé"), prospect(2, prenom="Aussi"))
    assert base.lire("select prenom from service_core.client_base order by nom") == [("Corrigé",), ("Aussi",)]
    assert rejets(base) == []


def _importer(base: Base, reference: str, client_id: str) -> None:
    """Insert a contract as their importer does."""
    base.lire(
        "with a as (insert into service_commercial.apporteur (nom) values ('Importateur') returning id) "
        "insert into service_commercial.contrat (reference, client_id, commercial_id, description) "
        "select %s, %s, id, 'importé' from a",
        reference,
        client_id,
    )


def test_a_contract_imported_between_decision_and_writing_is_taken_up_and_not_doubled(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, prospect(1))
    client = base.valeur("select id::text from service_core.client_base")
    _pendant(monkeypatch, snapshot, "lire_lignes", "contrat", lambda: _importer(base, "R2", client))
    session = passer(base, prospect(1, contrat("R1"), contrat("R2", montant="12.5"), contrat("R3")))
    assert base.lire(
        "select reference, description, montant::text from service_commercial.contrat order by reference"
    ) == [("R1", None, "29.90"), ("R2", "importé", "12.50"), ("R3", None, "29.90")]
    assert comptes(base, session)["contrats"] == {
        "recus": 3,
        "crees": 1,
        "modifies": 1,
        "inchanges": 1,
        "reunis": 0,
        "rejets": 0,
    }
    assert base.valeur("select count(*) from crm_sync.lien where entite = 'contrat' and etat = 'ecrit'") == 3


def test_a_contract_imported_meanwhile_for_another_client_is_not_moved(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, prospect(1), prospect(2))
    autre = base.valeur("select id::text from service_core.client_base where nom = 'NomC'")
    _pendant(monkeypatch, snapshot, "lire_lignes", "contrat", lambda: _importer(base, "R9", autre))
    passer(base, prospect(1, contrat("R1"), contrat("R9")), prospect(2))
    assert base.lire("select client_id::text, description from service_commercial.contrat where reference = 'R9'") == [
        (autre, "importé")
    ]
    assert rejets(base) == [("contrats", "/Souscription/contrats", "reference_detenue")]


def test_a_crash_after_a_refused_row_does_not_take_it_for_written(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    class Coupure(BaseException):
        pass

    passer(base, prospect(1))
    client = base.valeur("select id::text from service_core.client_base")
    avec_r2 = prospect(1, contrat("R1"), contrat("R2", montant="12.5"), contrat("R3"))

    def mourir() -> None:
        raise Coupure

    with monkeypatch.context() as coupure:
        _pendant(coupure, snapshot, "lire_lignes", "contrat", lambda: _importer(base, "R2", client))
        _pendant(coupure, apply, "appliquer", "contrat", mourir)
        with pytest.raises(Coupure):
            enchainer(base.bases(), lecture(avec_r2), "morte")
    passer(base, avec_r2)
    assert rejets(base) == []
    assert base.lire("select reference, montant::text from service_commercial.contrat order by reference") == [
        ("R1", "29.90"),
        ("R2", "12.50"),
        ("R3", "29.90"),
    ]
    assert base.lire(
        "select p.action, p.refusee from crm_sync.plan p join crm_sync.lot l using (lot_id) "
        "where l.entite = 'contrat' and l.synchronisation_id = 'morte' order by p.refusee"
    ) == [("creation", False), ("creation", True)]


def test_a_user_made_meanwhile_under_the_same_address_is_used_and_not_doubled(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pendant(
        monkeypatch,
        snapshot,
        "lire_lignes",
        "utilisateur",
        lambda: base.lire(
            "insert into service_core.utilisateur (email, role, actif) values ('MARTIN@ventes.example', 'admin', true)"
        ),
    )
    passer(base, prospect(1), prospect(2, commercial=commercial("Petit")))
    assert base.lire("select email, role, actif from service_core.utilisateur order by lower(email)") == [
        ("MARTIN@ventes.example", "admin", True),
        ("petit@ventes.example", "commercial", False),
    ]
    assert base.lire(
        "select u.email, count(*) from service_commercial.apporteur a "
        "join service_core.utilisateur u on u.id = a.utilisateur_id group by 1 order by lower(u.email)"
    ) == [("MARTIN@ventes.example", 1), ("petit@ventes.example", 1)]
    assert rejets(base) == []


def test_a_client_deleted_between_matching_and_writing_is_decided_anew(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    base.lire(
        "insert into service_core.client_base (nom, prenom, email) values "
        "('Moreau', 'Inès', 'personne1@exemple.example.org')"
    )
    vraie = snapshot.lire_lignes

    def supprimer_puis_lire(*args: Any) -> Any:
        if args[1] == "client":
            base.lire("delete from service_core.client_base where updated_at < now() and nom = 'Moreau'")
        return vraie(*args)

    monkeypatch.setattr(snapshot, "lire_lignes", supprimer_puis_lire)
    passer(base, prospect(1, nom="Moreau", prenom="Inès"))
    assert base.lire("select nom, telephone from service_core.client_base") == [("Moreau", "0639980001")]
    assert rejets(base) == []


def test_a_connection_that_the_server_ends_is_said_so_and_the_next_sync_goes_on(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, prospect(1))

    def couper() -> None:
        base.lire(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'crm_sync'"
        )

    with monkeypatch.context() as coupure:
        _pendant(coupure, journal, "prevoir", "contrat", couper)
        with pytest.raises(DatabaseUnavailableError) as leve:
            enchainer(base.bases(), lecture(prospect(1), prospect(2)), "coupée")
    assert "interrompue" in str(leve.value)
    assert base.lire("select statut, message from crm_sync.synchronisation where synchronisation_id = 'coupée'") == [
        ("echouee", str(leve.value))
    ]
    session: Session = passer(base, prospect(1), prospect(2))
    assert comptes(base, session)["contrats"]["crees"] == 1
    assert base.valeur("select count(*) from service_commercial.contrat") == 2


@pytest.mark.longue
def test_a_lock_that_a_person_holds_on_the_table_is_waited_for_and_then_named(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connexion, "REGLAGES", connexion.REGLAGES.replace("'10s'", "'100ms'"))
    with psycopg.connect(base.url) as personne:
        personne.execute("lock table service_commercial.contrat in share mode")
        with pytest.raises(WriteError) as leve:
            enchainer(base.bases(), lecture(prospect(1)), "bloquée")
    assert "verrou" in str(leve.value)
    passer(base, prospect(1))
    assert base.valeur("select count(*) from service_commercial.contrat") == 1


def test_what_belongs_to_a_deleted_client_is_put_aside_and_hangs_on_nobody(base: Base) -> None:
    passer(base, prospect(1), prospect(2))
    base.lire("delete from service_core.client_base where nom = 'NomB'")
    session = passer(
        base,
        prospect(1, contrat("R1"), contrat("R1bis"), informationsPaiement=[{"IBAN": IBANS[5]}]),
        prospect(2, contrat("R2"), contrat("R2bis")),
    )
    assert base.lire("select reference from service_commercial.contrat order by 1") == [("R1",), ("R2",), ("R2bis",)]
    assert base.valeur("select count(*) from service_finance.information_paiement_bancaire") == 2
    assert [(entite, motif) for entite, _, motif in rejets(base)] == [
        ("clients", "client_supprime"),
        ("contrats", "client_ecarte"),
        ("informations_paiement", "client_ecarte"),
    ]
    assert comptes(base, session)["contrats"]["rejets"] == 1


def test_a_deleted_sales_rep_costs_their_new_contracts_and_nobody_else_s(base: Base) -> None:
    passer(base, prospect(1), prospect(2, commercial=commercial("Petit")))
    base.lire(
        "update service_commercial.contrat set commercial_id = "
        "(select id from service_commercial.apporteur where nom = 'Petit')"
    )
    base.lire("delete from service_commercial.apporteur where nom = 'Martin'")
    passer(
        base,
        prospect(1, contrat("R1", statut="Signé"), contrat("R1bis")),
        prospect(2, contrat("R2"), contrat("R2bis"), commercial=commercial("Petit")),
    )
    assert base.lire(
        "select c.reference, c.statut, a.nom from service_commercial.contrat c "
        "join service_commercial.apporteur a on a.id = c.commercial_id order by 1"
    ) == [("R1", "signe", "Petit"), ("R2", "valide", "Petit"), ("R2bis", "valide", "Petit")]
    assert rejets(base) == [("contrats", "/Souscription/contrats", "commercial_ecarte")]
