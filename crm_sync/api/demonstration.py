"""`crm-sync serve --demo`: the API with its elements on stand-ins of the CRM's pages, over the reference data."""

from collections.abc import Callable


def servir(port: int, annoncer: Callable[[str], None]) -> None:
    """Serve the demo."""
    raise NotImplementedError
