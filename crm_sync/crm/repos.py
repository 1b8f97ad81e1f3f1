"""Rest: nothing that the stages compare has moved since a sync at whose end nothing waited.

Then no stage has anything to do, and the books are those of that moment with nothing created or changed. Statement triggers
on the compared tables move a sequence, so that whatever touches them, ours or a person's, ends the rest. This is what keeps
an unchanged hour at a download and a comparison.
"""

from collections.abc import Mapping
from dataclasses import asdict

import msgspec

from crm_sync.crm.connexion import Connexion
from crm_sync.crm.livres import Livre
from crm_sync.crm.requetes import requete
from crm_sync.domain.flatten import REGLES


def livres_au_repos(connexion: Connexion) -> dict[str, Livre] | None:
    """Give the books by entity where the chain is at rest, as those of a run that changed nothing; None where it is not."""
    ligne = connexion.execute(requete("repos.au_repos"), {"regles": REGLES}).fetchone()
    if ligne is None:
        return None
    return {entite: Livre(**livre).sans_changement() for entite, livre in ligne[0].items()}


def noter(connexion: Connexion, livres: Mapping[str, Livre]) -> None:
    """Note that nothing waits, with the books as they stand."""
    texte = msgspec.json.encode({entite: asdict(livre) for entite, livre in livres.items()}).decode()
    connexion.execute(requete("repos.noter"), {"regles": REGLES, "livres": texte})
