"""What every command shares: the option `--json`, and the databases, opened or refused in one sentence."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from crm_sync.errors import ConfigurationError

if TYPE_CHECKING:
    from crm_sync.crm.connexion import Bases
    from crm_sync.settings import Settings

Demo = Annotated[
    bool, typer.Option("--demo", help="Sans EXTERNAL_API_URL : lire la source de référence, démarrée pour l'occasion.")
]
Prospects = Annotated[int, typer.Option(min=0, help="Avec --demo : nombre de prospects inventés.")]
EnJson = Annotated[bool, typer.Option("--json", help="Un document JSON sur la sortie standard, rien d'autre.")]


def introuvable(message: str, *, en_json: bool) -> NoReturn:
    """Say that nothing answers to what was asked; with `--json` in a document, too.

    Raises:
        typer.Exit: always, with code 1.
    """
    from crm_sync import affichage

    if en_json:
        affichage.en_json({"statut": "echouee", "message": message, "avertissements": []})
    affichage.erreurs.print(message)
    raise typer.Exit(1)


@contextmanager
def reglages(*, demo: bool, prospects: int) -> "Iterator[Settings]":
    """Read the environment; with `demo`, and no endpoint named in it, start the reference source and name that.

    Raises:
        ConfigurationError: a variable that cannot be read, or no endpoint at all.
    """
    from crm_sync.resources import endpoint
    from crm_sync.settings import load_settings

    lus = load_settings()
    with ExitStack() as pile:
        if demo and not lus.external_api_url:
            from crm_sync.source.reference import source_de_demonstration

            lus.external_api_url = pile.enter_context(source_de_demonstration(prospects))
        endpoint(lus)  # said before anything is started
        yield lus


@contextmanager
def bases(*, a_jour: bool = False) -> "Iterator[Bases]":
    """Open the databases; with `a_jour` bring our tables to their latest revision first.

    Raises:
        ConfigurationError: they cannot be opened, or our tables are not there.
    """
    from crm_sync.crm import schema
    from crm_sync.crm.verification import verifier_rapidement
    from crm_sync.resources import ouvrir_bases

    with ouvrir_bases() as ouvertes:
        if a_jour:
            verifier_rapidement(ouvertes)
            schema.mettre_a_jour(ouvertes)
        elif not schema.a_jour(ouvertes):
            raise ConfigurationError(
                "La base ne contient pas encore les tables de la synchronisation, ou pas toutes. "
                "Lancer « crm-sync sync » ou « crm-sync db upgrade »."
            )
        yield ouvertes
