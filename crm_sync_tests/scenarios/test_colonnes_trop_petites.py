"""What a column of an existing CRM cannot hold: put aside alone, never cut, and taken again once the column is wide enough."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from crm_sync.chaine import planifier
from crm_sync.crm import mapping, schema
from crm_sync.crm.connexion import Bases
from crm_sync.domain.motifs import COLONNE_TROP_PETITE, MOTIFS, NOMS_DES_CHAMPS
from crm_sync.domain.types import CHAMPS
from crm_sync_tests.crm_existants import TYPEORM, CrmExistant, Serveur, crm_existant
from crm_sync_tests.crm_existants.prospects import contrat, prospect
from crm_sync_tests.gens import BIC, IBANS, lecture
from crm_sync_tests.synchro import enchainer

LONGUE = "REF" + "7" * 38  # 41 characters, for a column of 40
ENTITES = ("commerciaux", "clients", "contrats", "informations_paiement")


@pytest.fixture
def crm(serveur: Serveur) -> Iterator[CrmExistant]:
    with crm_existant(TYPEORM, serveur, cas=()) as existant:
        with _bases(existant) as bases:
            schema.mettre_a_jour(bases)
        yield existant


def _bases(crm: CrmExistant) -> Bases:
    return Bases(dict(crm.urls), mapping.lire(crm.correspondance))


def _passer(crm: CrmExistant, *prospects: Any) -> dict[str, Any]:
    """Run one sync, whose books `enchainer` has seen balance, and give what it counted."""
    session = enchainer(_bases(crm), lecture(*prospects), str(uuid4()))
    requete = "select comptes from crm_sync.synchronisation where synchronisation_id = %s"
    comptes: dict[str, Any] = crm.lire("sync", requete, session.synchronisation_id)[0][0]
    return comptes


def _ecartes(crm: CrmExistant) -> list[tuple[Any, ...]]:
    return crm.lire(
        "sync",
        "select entite, id_prospect, motif from crm_sync.rejet where ferme_le is null and present order by 1, 2, 3",
    )


def _references(crm: CrmExistant) -> list[str]:
    return [r for (r,) in crm.lire("commercial", 'select "contractReference" from contracts order by 1')]


def _gens(montant: str = "99999999.99", nom: str = "Duchêne", reference: str = LONGUE) -> list[dict[str, Any]]:
    return [
        prospect(1, nom, "Ève", contrat("COURTE1"), email="eve@gens.example"),
        prospect(2, "Martel", "Luc", contrat(reference), contrat("COURTE2")),
        prospect(
            3,
            "Roux",
            "Ana",
            contrat("COURTE3", montant=montant),
            contrat("COURTE4"),
            informationsPaiement=[{"IBAN": IBANS[0], "BIC": BIC}],
        ),
    ]


def test_a_new_row_that_does_not_fit_waits_alone_and_is_made_once_the_column_is_widened(crm: CrmExistant) -> None:
    gens = _gens(montant="100000000", nom="D" * 121)
    plan = planifier(_bases(crm), lecture(*gens))
    comptes = _passer(crm, *gens)
    assert _references(crm) == ["COURTE2", "COURTE4"]
    assert _ecartes(crm) == [
        ("clients", "900001", "colonne_trop_petite_nom"),
        ("contrats", "900001", "client_ecarte"),
        ("contrats", "900002", "colonne_trop_petite_reference"),
        ("contrats", "900003", "colonne_trop_petite_montant"),
    ]
    assert crm.lire("finance", "select count(*) from information_paiement_bancaire") == [(1,)]
    assert (comptes["clients"]["rejets"], comptes["contrats"]["rejets"], comptes["contrats"]["crees"]) == (1, 3, 2)
    for entite in ENTITES:
        assert plan[entite] == comptes[entite]
    crm.lire("core", 'alter table clients alter column "lastName" type varchar(200)')
    crm.lire(
        "commercial",
        'alter table contracts alter column "contractReference" type varchar(60), alter column amount type numeric(12, 2)',
    )
    _passer(crm, *gens)
    assert _ecartes(crm) == []
    assert _references(crm) == ["COURTE1", "COURTE2", "COURTE3", "COURTE4", LONGUE]
    assert crm.lire("commercial", """select amount::text from contracts where "contractReference" = 'COURTE3'""") == [
        ("100000000.00",)
    ]


def test_a_change_that_does_not_fit_leaves_the_row_as_it_is_and_the_others_go_on(crm: CrmExistant) -> None:
    _passer(crm, *_gens(reference="COURTE5"))
    avant = crm.lire("commercial", """select * from contracts where "contractReference" = 'COURTE3'""")
    client = crm.lire("core", """select * from clients where email = 'eve@gens.example'""")
    apres = _gens(montant="-100000000", nom="D" * 121, reference="COURTE5")
    apres[2]["prenom"] = "Anaïs"
    for _ in range(2):
        _passer(crm, *apres)
        assert crm.lire("commercial", """select * from contracts where "contractReference" = 'COURTE3'""") == avant
        assert crm.lire("core", """select * from clients where email = 'eve@gens.example'""") == client
        assert _ecartes(crm) == [
            ("clients", "900001", "colonne_trop_petite_nom"),
            ("contrats", "900003", "colonne_trop_petite_montant"),
        ]
        assert crm.lire("core", """select "firstName" from clients where "lastName" = 'Roux'""") == [("Anaïs",)]
    _passer(crm, *_gens(montant="12.5", reference="COURTE5"))
    assert _ecartes(crm) == []
    assert crm.lire("commercial", """select amount::text from contracts where "contractReference" = 'COURTE3'""") == [
        ("12.50",)
    ]


def test_a_sales_rep_who_does_not_fit_is_put_aside_with_the_contracts_and_nobody_else(crm: CrmExistant) -> None:
    crm.lire("core", 'alter table users alter column "firstName" type varchar(6)')
    neuf = {"id": "src-neuf", "nom": "Neuf", "prenom": "Maximilienne", "email": "neuf@equipe.example"}
    _passer(crm, prospect(1, "Duchêne", "Ève", "A1", commercial=neuf), prospect(2, "Martel", "Luc", "A2"))
    assert _references(crm) == ["A2"]
    assert [(entite, motif) for entite, _, motif in _ecartes(crm)] == [
        ("commerciaux", "colonne_trop_petite_prenom"),
        ("contrats", "commercial_ecarte"),
    ]
    orphelins = "select count(*) from brokers where \"lastName\" = 'Neuf'"
    assert crm.lire("commercial", orphelins) == [(0,)]
    crm.lire("core", 'alter table users alter column "firstName" type varchar(60)')
    _passer(crm, prospect(1, "Duchêne", "Ève", "A1", commercial=neuf), prospect(2, "Martel", "Luc", "A2"))
    assert (_references(crm), _ecartes(crm)) == (["A1", "A2"], [])


def test_of_two_prospects_who_are_one_client_the_one_that_fits_is_written_and_the_other_never_cut(
    crm: CrmExistant,
) -> None:
    deux = [
        prospect(1, "Duchêne", "Ève", "B1", email="eve@gens.example", telephone="0639980001"),
        prospect(2, "Duchêne", "Ève", "B2", email="eve@gens.example", telephone="0639980001"),
    ]
    _passer(crm, *deux)
    assert crm.lire("core", "select count(*) from clients where email = 'eve@gens.example'") == [(1,)]
    deux[1] |= {"prenom": "Ève " + "E" * 120, "updatedAt": "2025-07-02T08:00:00.000Z"}
    _passer(crm, *deux)
    # The other one changes alone: the too long name is the most recent of the two, and still is not taken.
    deux[0] |= {"telephone": "0639980002", "updatedAt": "2025-07-01T08:00:00.000Z"}
    _passer(crm, *deux)
    assert crm.lire("core", """select "firstName" from clients where email = 'eve@gens.example'""") == [("Ève",)]
    assert _ecartes(crm) == [("clients", "900002", "colonne_trop_petite_prenom")]


def test_every_field_that_is_written_has_a_motif_that_names_it_and_says_what_to_do() -> None:
    champs = {champ.nom for siens in CHAMPS.values() for champ in siens}
    assert champs == set(NOMS_DES_CHAMPS)
    for champ in champs:
        motif = MOTIFS[COLONNE_TROP_PETITE[champ]]
        assert NOMS_DES_CHAMPS[champ] in motif.raison
        assert f"columns.{champ}" in motif.que_faire


def test_a_signed_contract_of_nobody_s_that_does_not_fit_stops_nothing(crm: CrmExistant) -> None:
    """Their importer's contract has no broker: nobody has sold it as long as it cannot be written."""
    crm.lire(
        "commercial",
        """insert into contracts ("contractReference", status, "signedAt", channel, "organizationId", version)
        values ('COURTE3', 'SIGNED', now(), 'IMPORT', '0b7c0c5e-6a41-4f5e-9d27-3c1f5d0e8a10', 1)""",
    )
    enchainer(_bases(crm), lecture(*_gens(montant="100000000", reference="COURTE5")), str(uuid4()))
    assert _ecartes(crm) == [("contrats", "900003", "colonne_trop_petite_montant")]
    _passer(crm, *_gens(montant="10", reference="COURTE5"))
    assert crm.lire("commercial", "select count(*) from crm_sync.contrat_vente") == [(5,)]
