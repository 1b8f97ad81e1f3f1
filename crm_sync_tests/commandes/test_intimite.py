"""No command shows what is private: IBAN, BIC, identity card never, e-mail and phone in part; in text and in JSON."""

import pytest

from crm_sync_tests.commandes.conftest import Ops
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import IBANS, commercial, contrat, passer, prospect

BICS = ("BNPAFRPPXXX", "SOGEFRPPXXX")
CARTES = ("880692310285", "990011223344")
CONTACTS = ("confidentiel", "nouvelle.adresse", "vendeuse.secrete", "@exemple.example.org", "@ventes.example")
TELEPHONES = ("0199000011", "0199000012", "199000011", "199000012", "0199000033")
SECRETS = (*IBANS, *(iban[4:] for iban in IBANS), *BICS, *CARTES, *CONTACTS, *TELEPHONES)


def _vendeuse(**autres: str) -> dict[str, object]:
    """A sales rep without an id at the source: her address stands in for it."""
    return {
        **commercial("Vendeuse", email="vendeuse.secrete@ventes.example", telephone="0199000033"),
        "id": None,
        **autres,
    }


def _prospect(numero: int, rang: int) -> dict[str, object]:
    """Give a prospect whose every private value depends on `rang`; its bank details have no id but the IBAN."""
    return prospect(
        numero,
        contrat(f"R{numero}", montant=f"{20 + rang}"),
        email=("confidentiel@exemple.example.org", "nouvelle.adresse@exemple.example.org")[rang],
        telephone=("0199000011", "0199000012")[rang],
        identityCard={"numero": CARTES[rang]},
        informationsPaiement=[{"id": numero, "IBAN": IBANS[numero + rang], "BIC": BICS[rang]}, {"IBAN": IBANS[4]}],
        commercial=_vendeuse(),
        updatedAt=f"2026-0{1 + 2 * rang}-01T00:00:00.000Z",
    )


def test_no_output_holds_a_private_value(
    base: Base, source: SourceEssai, ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    passer(base, _prospect(1, 0))
    base.lire(
        "update service_core.client_base set telephone = '0199000011 bis', email = 'confidentiel.crm@exemple.example.org', "
        "updated_at = '2026-02-01'"
    )
    base.lire(
        "insert into service_core.client_base (nom, prenom, telephone, email) values ('Autre', 'Tout', '0199000012', "
        "'confidentiel@exemple.example.org')"
    )
    monkeypatch.setenv("EXTERNAL_API_URL", source.url)
    source.donner([_prospect(1, 1), {**_prospect(2, 1), "informationsPaiement": [{"IBAN": IBANS[5], "BIC": BICS[1]}]}])
    _chercher(ops, ("plan",), ("plan", "--json"))
    run = passer(base, _prospect(1, 1), _prospect(2, 1)).synchronisation_id
    for commande in (
        ("journal",),
        ("journal", "--run", run),
        ("undo", run, "--plan"),
        ("duplicates",),
        ("removals",),
        ("rejects",),
        ("why", "prospect:1"),
        ("why", "prospect:1", "telephone"),
        ("why", "prospect:1", "identity_card"),
        ("why", "contrat:R1"),
        ("why", "0199000012"),
        ("sold", "contrat:R1", "vendeuse.secrete@ventes.example"),
        ("kpi",),
        ("undo", run),
        ("journal",),
    ):
        _chercher(ops, commande, (*commande, "--json") if commande[:1] != ("undo",) or "--plan" in commande else ())


def _chercher(ops: Ops, *commandes: tuple[str, ...]) -> None:
    for arguments in filter(None, commandes):
        dit = ops(*arguments)
        assert dit.code == 0, (arguments, dit.erreur)
        trouves = [secret for secret in SECRETS if secret.lower() in dit.tout.lower()]
        assert not trouves, (arguments, trouves)
        assert len(dit.sortie) > 20 or arguments[0] in {"duplicates", "rejects"}
