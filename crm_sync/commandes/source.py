"""`crm-sync source spec` and `source check`: what the endpoint should send, and what it does send. Nothing is written."""

from typing import Annotated

import typer

from crm_sync.commandes.ouverture import EnJson


def spec(
    en_json: Annotated[bool, typer.Option("--json", help="La forme par défaut, et la seule.")] = True,  # noqa: ARG001
) -> None:
    """La spécification du point d'accès, en OpenAPI 3.1. Exemple : crm-sync source spec > openapi.json"""
    from crm_sync import affichage
    from crm_sync.source.specification import document

    affichage.en_json(document())


def check(
    url: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="L'adresse à vérifier ; par défaut, EXTERNAL_API_URL.")
    ] = None,
    en_json: EnJson = False,
) -> None:
    """Ce qui, dans le point d'accès, est à corriger : un rapport à envoyer tel quel. Exemple : crm-sync source check"""
    from crm_sync import affichage
    from crm_sync.resources import endpoint
    from crm_sync.settings import load_settings
    from crm_sync.source.lecture import decouper, identifiant_strict
    from crm_sync.source.rapport import examiner, markdown

    settings = load_settings()
    settings.external_api_url = url or settings.external_api_url
    reponse = endpoint(settings).lire()
    elements = decouper(reponse.corps)
    recus = [(identifiant_strict(bytes(element)), memoryview(element)) for element in elements]
    rapport = examiner(recus, reponse.recue_le)
    if en_json:
        affichage.en_json(rapport.en_json())
    else:
        typer.echo(markdown(rapport, affichage.heure(reponse.recue_le)), nl=False)
    raise typer.Exit(1 if rapport.a_corriger else 0)
