"""How a command opens the databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from crm_sync.errors import ConfigurationError

EnJson = Annotated[bool, typer.Option("--json", help="Un document JSON sur la sortie standard, rien d'autre.")]


@contextmanager
def bases(*, a_jour: bool = False) -> Iterator[Any]:
    """Open the databases; with `a_jour` bring our tables to their latest revision first.

    Raises:
        ConfigurationError: our tables are not there, or behind.
    """
    from crm_sync.crm import schema
    from crm_sync.resources import ouvrir_bases

    with ouvrir_bases() as ouvertes:
        if a_jour:
            schema.mettre_a_jour(ouvertes)
        elif not schema.a_jour(ouvertes):
            raise ConfigurationError(
                "La base ne contient pas encore les tables de la synchronisation, ou pas toutes. "
                "Lancer « crm-sync sync » ou « crm-sync db upgrade »."
            )
        yield ouvertes
