"""The SQL files, loaded once: `requete("bruts.presents")` is the statement named `presents` in `sql/bruts.sql`.

A file holds statements, each under a line `-- nom: …`; a sentence on grain and idempotence follows it.
"""

import re
from functools import cache
from pathlib import Path

DOSSIER = Path(__file__).parent / "sql"
EN_TETE = re.compile(r"^-- nom: (\w+)\n", re.MULTILINE)


@cache
def _fichier(nom: str) -> dict[str, bytes]:
    _, *parties = EN_TETE.split((DOSSIER / f"{nom}.sql").read_text(encoding="utf-8"))
    return {titre: corps.strip().rstrip(";").encode() for titre, corps in zip(parties[::2], parties[1::2], strict=True)}


def requete(nom: str) -> bytes:
    """Give a statement by `file.name`.

    Raises:
        KeyError: no such statement: a spelling mistake in the code, found by the first test that runs it.
    """
    fichier, _, titre = nom.partition(".")
    return _fichier(fichier)[titre]
