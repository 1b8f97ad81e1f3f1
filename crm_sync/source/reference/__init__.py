"""The reference source: a real HTTP server that answers in the shape of the colleague's endpoint.

It stands in for that endpoint in `make run`, in tests and in the bench; its prospects are invented
(`source.population`). What belongs here: how it is started (`serveur`), its connections (`connexions`), what
it says to a request (`reponses`) and what it holds at the moment (`etat`).
"""

from crm_sync.source.reference.serveur import SourceReference, servir, source_de_demonstration

__all__ = ["SourceReference", "servir", "source_de_demonstration"]
