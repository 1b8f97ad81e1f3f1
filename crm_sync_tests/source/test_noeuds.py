"""The quick reading of a node gives what its pydantic model gives: the same values, or the same first fault."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_sync.domain.types import Ecart
from crm_sync.domain.valeurs import ValeurIllisible
from crm_sync.source import lecture, models, noeuds
from crm_sync.source.noeuds import Faute, Forme, FormeCopiee

MODELES = [forme.modele for forme in vars(noeuds).values() if isinstance(forme, Forme)]
LIRE = {modele: (Forme(modele).lire, FormeCopiee(modele).lire) for modele in MODELES}
CAS = st.sampled_from(
    [
        *(None, True, False, 0, 1, -0.0, 0.0, 1.0, 1.5, 2**64, 1e300, float("inf"), 10**11),
        *(
            "",
            " ",
            "\u00a0",
            "\x00",
            "a\x00b",
            "\ud800",
            "é\udc00",
            "é",
            "🙂",
            " u-1\n",
            "c" * 201,
            "-0.0",
            "1",
            "true",
        ),
        *("29.9", " 29,90 ", "1e3", "9999999999.995", "NaN", "٣", "-0.00"),
        *("2025-01-31", "2025-01-31T00:00:00.000Z", " 2025-01-31T00:00:00.000Z", "2025-01-31T00:00:00.00 Z"),
        *("2025-01-31 10:00+02:00", "0001-01-01T00:00+23:59", "0000-00-00T00:00:00.000Z", "31/01/2025", "2025"),
        *([], {}, [1], {"id": 1}, [[]]),
    ]
)
VALEURS = st.one_of(CAS, st.text(st.characters(), max_size=6), st.integers(), st.floats(allow_nan=False))


def objets(modele: type[models.Noeud]) -> st.SearchStrategy[dict[str, Any]]:
    cles = st.sampled_from([*modele.model_fields, "inconnue", "cle\ud800"])
    return st.dictionaries(cles, st.sampled_from(["a", 7, None]) | VALEURS, max_size=len(modele.model_fields) + 2)


def par_pydantic(modele: type[models.Noeud], objet: Any) -> list[tuple[str, Any]] | tuple[str, str]:
    try:
        return list(modele.model_validate(objet))
    except ValidationError as erreur:
        premiere = erreur.errors(include_url=False, include_input=False)[0]
        cause = premiere.get("ctx", {}).get("error")
        motif = cause.motif if isinstance(cause, ValeurIllisible) else "type_inattendu"
        return "".join(f"/{partie}" for partie in premiere["loc"]), motif


def exact(lu: Any) -> str:
    """Write a result so that what `==` takes for the same differs: `1` and true, `0.0` and `-0.0`, `29.9` and `29.90`."""
    if isinstance(lu, Faute):
        return repr((f"/{lu.champ}", lu.motif))
    return repr(list(lu._asdict().items()))


@pytest.mark.parametrize("modele", MODELES)
@given(donnees=st.data())
def test_a_node_is_read_as_its_model_reads_it(modele: type[models.Noeud], donnees: st.DataObject) -> None:
    objet = donnees.draw(objets(modele))
    attendu = repr(par_pydantic(modele, objet))
    for lire in (*LIRE[modele], *LIRE[modele]):
        assert exact(lire(objet)) == attendu


@pytest.mark.parametrize("modele", MODELES)
@given(valeur=CAS)
def test_each_field_is_read_as_its_model_reads_it(modele: type[models.Noeud], valeur: object) -> None:
    for champ in modele.model_fields:
        attendu = repr(par_pydantic(modele, {champ: valeur}))
        for lire in LIRE[modele]:
            assert exact(lire({champ: valeur})) == attendu


@pytest.mark.parametrize("modele", [models.User, models.Contrat])
def test_a_number_too_long_to_be_written_is_a_fault_of_its_field(modele: type[models.Noeud]) -> None:
    objet = {"nom": "Roux", "id": 10**5_000}
    assert par_pydantic(modele, objet) == ("/id", "type_inattendu")
    for lire in LIRE[modele]:
        assert lire(objet) == Faute("id", "type_inattendu")


@pytest.mark.parametrize("modele", MODELES)
@pytest.mark.parametrize("objet", [None, [], "", "texte", 12, 1.5, True, [{"id": 1}]])
def test_what_is_no_object_is_put_aside_as_the_model_does(modele: type[models.Noeud], objet: object) -> None:
    lecteur = lecture._Lecteur()
    assert lecteur.noeud(Forme(modele), objet, "entite", "/ici", "noeud") is None
    chemin, motif = par_pydantic(modele, objet)
    assert lecteur.ecarts == [Ecart("entite", f"/ici{chemin}", "noeud", motif)]


@pytest.mark.parametrize("modele", MODELES)
def test_of_several_faults_the_model_s_first_is_told_whatever_the_order_of_the_keys(modele: type[models.Noeud]) -> None:
    objet = {champ: [] for champ in reversed(modele.model_fields)}
    for lire in LIRE[modele]:
        assert exact(lire(objet)) == repr(par_pydantic(modele, objet))


# --- What many prospects carry, read once


@given(st.lists(st.sampled_from([True, 1, 1.0, "1", False, 0, 0.0, -0.0, "", None, [], {}]), min_size=2))
@example([1, True, 1.0, "1"])
@example([0.0, -0.0, 0, False, None])
def test_values_that_are_equal_and_not_the_same_are_not_mistaken(valeurs: list[object]) -> None:
    une_fois, de_nouveau = FormeCopiee(models.User), Forme(models.User)
    for champ in ("nom", "id", "createdAt"):
        for valeur in valeurs:
            assert exact(une_fois.lire({champ: valeur})) == exact(de_nouveau.lire({champ: valeur}))


def test_a_copy_is_read_once_and_nothing_can_change_it() -> None:
    objet = {"id": "u-1", "nom": "Roux", "updatedAt": "2025-01-05T00:00:00.000Z", "photo": None}
    forme = FormeCopiee(models.User)
    lu = forme.lire(objet)
    assert forme.lire(dict(objet)) is lu
    assert forme.lire({**objet, "nom": "Le Roux"}) != lu
    hash(lu)
    liste = []
    avec_liste = forme.lire({**objet, "createdAt": liste})
    liste.append(1)
    assert forme.lire({**objet, "createdAt": []}) == avec_liste._replace(createdAt=[])
