"""What the command line says after a sync: what waits for a person, each with the command that goes on."""

from typing import Any

import pytest

from crm_sync import affichage

RIEN = dict.fromkeys(("rejets", "doublons_possibles", "conflits", "disparus", "retraits_en_attente"), 0)


def a_faire(avertissements: tuple[str, ...] = (), **comptes: int) -> list[str]:
    donnees: dict[str, Any] = {**RIEN, "run_id": "r-1", "avertissements": avertissements, **comptes}
    return list(affichage.a_faire(donnees))


@pytest.mark.parametrize(
    ("cle", "phrase", "commande"),
    [
        ("rejets", "1 élément mis de côté", "crm-sync rejects"),
        ("doublons_possibles", "1 doublon possible", "crm-sync duplicates"),
        ("conflits", "1 conflit", "crm-sync journal --run r-1"),
        ("disparus", "1 élément", "crm-sync removals"),
        ("retraits_en_attente", "1 retrait en attente", "crm-sync removals"),
    ],
)
def test_each_count_names_the_command_that_goes_on(cle: str, phrase: str, commande: str) -> None:
    (ligne,) = a_faire(**{cle: 1})
    assert ligne.startswith(phrase)
    assert f"« {commande} »" in ligne


def test_nothing_is_said_of_nothing_nor_twice() -> None:
    assert a_faire() == []
    assert a_faire(("1 doublon possible : « crm-sync duplicates » le montre.",), doublons_possibles=1) == []


def test_many_are_in_the_plural() -> None:
    assert a_faire(doublons_possibles=1200)[0].startswith("1\u202f200 doublons possibles")


def test_what_to_do_next_names_plan_and_duplicates() -> None:
    assert "crm-sync plan" in affichage.SUITE
    assert "crm-sync duplicates" in affichage.SUITE
