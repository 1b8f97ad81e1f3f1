"""What a sync itself says of the endpoint: contracts that name another prospect, and the short report in Dagster."""

import dagster as dg
import pytest

from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import contrat, passer, prospect
from crm_sync_tests.synchro import Issue, synchroniser

MOT = "nomment un autre prospect"


def test_nesting_wins_over_the_prospect_that_a_contract_names_and_it_is_warned_of_once(base: Base) -> None:
    reponse = [
        prospect(1, contrat("R1", prospectId=2), contrat("R1B", prospectId=1), contrat("R1C")),
        prospect(2, contrat("R2", prospectId=" 2 "), contrat(None, prospectId="ailleurs")),
    ]
    avertis = [texte for texte in passer(base, *reponse).avertissements if MOT in texte]
    assert len(avertis) == 1
    assert ": 2." in avertis[0]
    assert base.lire(
        "select k.reference, c.nom from service_commercial.contrat k join service_core.client_base c on c.id = k.client_id "
        "order by 1"
    ) == [("R1", "NomB"), ("R1B", "NomB"), ("R1C", "NomB"), ("R2", "NomC")]
    assert not [texte for texte in passer(base, *reponse).avertissements if MOT in texte]


def _rapport(issue: Issue) -> str:
    (materialisation,) = issue.execution.asset_materializations_for_node("prospects_bruts")
    valeur = materialisation.metadata["Rapport sur ce qui est nouveau"]
    assert isinstance(valeur, dg.MarkdownMetadataValue)
    return str(valeur.value)


def test_the_asset_of_the_answers_carries_the_report_on_what_is_new(
    base: Base, source: SourceEssai, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.donner([prospect(1, contrat("R1", montant="à voir", statut="KO fournisseur")), prospect(2)])
    premier = _rapport(synchroniser(base.url, monkeypatch))
    assert premier.startswith("2 prospects lus : ")
    assert "- Contrat : Le montant n'est pas un nombre décimal. (1)" in premier
    assert "personne1@" not in premier
    assert _rapport(synchroniser(base.url, monkeypatch)) == "Rien de nouveau dans cette réponse."
    source.donner([prospect(1, contrat("R1", statut="KO fournisseur")), prospect(2)])
    apres = _rapport(synchroniser(base.url, monkeypatch))
    assert apres.startswith("1 prospect lu : ")
    assert "montant n'est pas" not in apres
