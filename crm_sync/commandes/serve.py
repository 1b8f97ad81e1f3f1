"""`crm-sync serve`: the read API."""

from typing import Annotated

import typer

from crm_sync.commandes.ouverture import EnJson


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port sur 127.0.0.1 ; 0 : un port libre.")] = 8000,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Pages de démonstration et trois utilisateurs inventés, base embarquée seulement."),
    ] = False,
    en_json: EnJson = False,
) -> None:
    """L'API de lecture : KPI, vue 360°, bouton. Exemple : crm-sync serve --port 8000"""
    from crm_sync import affichage

    def annoncer(url: str) -> None:
        if en_json:
            affichage.en_json({"statut": "ok", "url": url})
        else:
            affichage.console.print(f"API de lecture        {url} (document : {url}/openapi.json)")
            if demo:
                affichage.console.print(f"Démonstration         {url}/demo/")
            affichage.console.print("Ctrl-C pour arrêter.")

    if demo:
        from crm_sync.api import demonstration

        demonstration.servir(port, annoncer)
    else:
        from crm_sync.api import serveur

        serveur.servir(port, annoncer, affichage.erreurs.print)
