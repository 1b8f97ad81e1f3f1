"""Everything about one client, read for a person: the 360° view, with bank details masked."""

from typing import Any
from uuid import UUID

from psycopg import DataError
from psycopg.rows import dict_row
from psycopg.types.datetime import TimestamptzLoader

from crm_sync.crm.connexion import Bases, Service, erreurs_traduites
from crm_sync.domain.keys import cle_email, cle_reference
from crm_sync.domain.telephones import cles_telephone


class _Instant(TimestamptzLoader):
    """Read an instant; None for what Python has none for: infinity, before Christ, after the year 9999."""

    def load(self, data: Any) -> Any:
        """Read one."""
        try:
            return super().load(data)
        except DataError:
            return None


def _lire(bases: Bases, service: Service, nom: str, **parametres: Any) -> list[dict[str, Any]]:
    requete_composee = bases.crm.composer(f"fiche.{nom}")
    connexion = bases.connexion(service)
    with erreurs_traduites(bases.lieu(service)), connexion.cursor(row_factory=dict_row) as curseur:
        curseur.adapters.register_loader("timestamptz", _Instant)
        return curseur.execute(requete_composee, parametres or None).fetchall()


def trouver(bases: Bases, qui: str) -> list[str]:
    """Give the ids of the clients that `qui` names: an e-mail, a phone, a contract reference or an id.

    `client:ID` and `contrat:REF` say which it is. Several ids where several clients share the value.
    """
    genre, _, reste = qui.partition(":")
    if genre == "client":
        return _par_id(bases, reste)
    if genre == "contrat":
        return _par_reference(bases, reste)
    if "@" in qui:
        cle = cle_email(qui)
        return sorted(c["id"] for c in _lire(bases, "core", "contacts") if cle and cle_email(c["email"]) == cle)
    trouves = set(_par_id(bases, qui)) | set(_par_reference(bases, qui))
    if cles := set(cles_telephone(qui)):
        trouves |= {c["id"] for c in _lire(bases, "core", "contacts") if cles & set(cles_telephone(c["telephone"]))}
    return sorted(trouves)


def _par_id(bases: Bases, valeur: str) -> list[str]:
    try:
        normalise = str(UUID(valeur))
    except ValueError:
        normalise = valeur
    return [ligne["id"] for ligne in _lire(bases, "core", "par_id", valeur=normalise)]


def _par_reference(bases: Bases, valeur: str) -> list[str]:
    return sorted({c["client_id"] for c in _de_reference(bases, valeur) if c["client_id"]})


def contrats_de_reference(bases: Bases, valeur: str) -> list[str]:
    """Give the ids of the CRM's contracts of this reference, in any spelling."""
    return sorted(c["id"] for c in _de_reference(bases, valeur))


def _de_reference(bases: Bases, valeur: str) -> list[dict[str, Any]]:
    cle = cle_reference(valeur)
    return [c for c in _lire(bases, "commercial", "par_reference") if cle and cle_reference(c["reference"]) == cle]


def fiche(bases: Bases, client_id: str) -> dict[str, Any] | None:
    """Read the 360° view of one client; None where there is no such client."""
    clients = _lire(bases, "core", "client", id=client_id)
    if not clients:
        return None
    return {
        "client": clients[0],
        "contrats": _dater(bases, "contrat", _lire(bases, "commercial", "contrats", id=client_id)),
        "informations_paiement": _dater(
            bases, "information_paiement", _lire(bases, "finance", "paiements", id=client_id)
        ),
        "prospects": _lire(bases, "sync", "liens", id=client_id),
    }


def _dater(bases: Bases, entite: str, lignes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say of each row since when the source no longer has it (`disparu_le`); None where it does, or never brought it."""
    ids = [ligne["id"] for ligne in lignes]
    disparus = {d["crm_id"]: d["disparu_le"] for d in _lire(bases, "sync", "disparus", entite=entite, ids=ids)}
    return [ligne | {"disparu_le": disparus.get(ligne["id"])} for ligne in lignes]


def rejets(bases: Bases) -> list[dict[str, Any]]:
    """Read what is put aside and open, oldest first."""
    return _lire(bases, "sync", "rejets")
