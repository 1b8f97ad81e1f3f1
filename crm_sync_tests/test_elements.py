"""What can be told of the elements without a browser: they never parse markup, stay small, and their page says what there is."""

import re
from pathlib import Path

import crm_sync
from crm_sync.settings import REPO

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
