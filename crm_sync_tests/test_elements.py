"""What can be told of the elements without a browser: they never parse markup, stay small, and their page says what there is."""

import re
from pathlib import Path

import crm_sync
from crm_sync.api import modeles
from crm_sync.settings import REPO
from crm_sync_tests.navigateur import donnees

RACINE = Path(crm_sync.__file__).parent
ELEMENTS = sorted((RACINE / "elements").iterdir())
DEMO = sorted((RACINE / "demo").iterdir())
PAGE = (REPO / "docs" / "elements.md").read_text(encoding="utf-8")
INTERDITS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|eval\(|\bstyle=|\son[a-z]+=|https?://(?!www\.w3\.org)"
)


def _codes() -> str:
    return "\n".join(fichier.read_text(encoding="utf-8") for fichier in ELEMENTS)


def test_no_file_parses_markup_or_writes_styles_inline_or_loads_from_elsewhere() -> None:
    assert len(ELEMENTS) > 15
    assert len(DEMO) == 6
    assert [f.name for f in (*ELEMENTS, *DEMO) if INTERDITS.search(f.read_text(encoding="utf-8"))] == []


def test_files_are_small() -> None:
    assert [f.name for f in (*ELEMENTS, *DEMO) if len(f.read_text(encoding="utf-8").splitlines()) >= 300] == []


def test_every_variable_part_attribute_and_event_stands_on_the_page() -> None:
    codes = _codes()
    variables = set(re.findall(r"var\((--crm-[a-z-]+)", codes))
    parts = {mot for texte in re.findall(r'\bpart: "([a-z -]+)"', codes) for mot in texte.split()}
    evenements = set(re.findall(r'"(crm-(?:lien|jeton-expire|synchronise))"', codes))
    attributs = {
        a
        for liste in re.findall(r"(?:IDENTITE|FILTRANTS|observedAttributes) = \[(.*?)\]", codes)
        for a in re.findall(r'"([a-z-]+)"', liste)
    }
    assert len(variables) > 20
    assert len(parts) > 15
    assert len(evenements) == 3
    assert len(attributs) > 10
    citees = set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", PAGE, flags=re.DOTALL | re.MULTILINE)))
    assert (variables | parts | evenements | attributs) - citees == set()
    assert {nom for nom in citees if nom.startswith("--crm-")} == variables


def test_the_answers_that_the_browser_tests_invent_have_the_shapes_of_the_api() -> None:
    inventees: list[tuple[type[modeles.Forme], donnees.Json]] = [
        (modeles.KpiParCommercial, donnees.kpi()),
        (modeles.KpiParMois, donnees.par_mois()),
        (modeles.PageContrats, donnees.page(6, "abc")),
        (modeles.VueContrat, donnees.un_contrat()),
        (modeles.VueClient, donnees.client()),
        (modeles.VueClient, donnees.client_vide()),
        (modeles.Moi, donnees.moi()),
        (modeles.Synchronisation, donnees.course()),
        (modeles.Synchronisation, donnees.course("en_attente", votre_demande=donnees.ATTENTE)),
    ]
    for forme, inventee in inventees:
        assert forme.model_validate(inventee).model_dump(mode="json") == inventee, forme.__name__


def test_the_ten_lines_of_the_readme_name_what_there_is() -> None:
    """The script's address, the element, its attributes and its property are those that the code has."""
    (lignes,) = re.findall(r"```tsx\n(.*?)```", (REPO / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(lignes.strip().splitlines()) <= 12
    (adresse,) = re.findall(r"/(elements/[a-z-]+\.js)`", lignes)
    (element, attributs) = re.findall(r"<(crm-[a-z-]+)((?: [a-z-]+=\"[^\"]*\")*)", lignes)[0]
    codes = _codes()
    assert (RACINE / adresse).is_file()
    assert f'"{element}"' in (RACINE / adresse).read_text(encoding="utf-8")
    assert re.findall(r" ([a-z-]+)=", attributs)
    assert all(f'"{attribut}"' in codes for attribut in re.findall(r" ([a-z-]+)=", attributs))
    assert all(f"set {propriete}(" in codes for propriete in re.findall(r"\be\.(\w+) =", lignes))
    assert "e.fournirJeton =" in lignes
