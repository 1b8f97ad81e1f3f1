"""The answers as received: stored before anything interprets them, one version per distinct content.

Grain: `prospect_brut` one row per distinct payload, `prospect_presence` one row per stretch of answers that held it,
`reponse` one row per accepted answer; so any day can be replayed. No rule about what a payload means stands here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from crm_sync.crm.connexion import Connexion, la_ligne
from crm_sync.crm.requetes import requete
from crm_sync.errors import SourceTerminalError

TAILLE_SHA256 = 32
VERSER = "copy crm_sync.prospect_brut (id_prospect, charge_sha256, charge, vu_premier_le) from stdin (format binary)"


@dataclass(frozen=True, slots=True)
class Constat:
    """What an answer brought against the one before, counted in elements (`recus`) and distinct versions."""

    reponse_id: int
    recus: int
    nouveaux: int
    revenus: int
    absents: int
    inchanges: int


@dataclass(frozen=True, slots=True)
class DerniereReponse:
    """The last accepted answer, as the next request and comparison need it."""

    reponse_id: int
    corps_sha256: bytes
    octets: int
    etag: str | None
    nb_elements: int


def derniere_reponse(connexion: Connexion) -> DerniereReponse | None:
    """Give the last accepted answer; None before the first."""
    ligne = connexion.execute(requete("bruts.derniere")).fetchone()
    return ligne and DerniereReponse(ligne[0], bytes(ligne[1]), *ligne[2:])


def enregistrer_inchangee(connexion: Connexion, recue_le: datetime, precedente: DerniereReponse) -> Constat:
    """Record an answer that is the one before, byte for byte (or by its ETag)."""
    reponse_id = _inserer_reponse(
        connexion, recue_le, precedente.corps_sha256, precedente.octets, precedente.nb_elements, precedente.etag
    )
    return Constat(reponse_id, precedente.nb_elements, 0, 0, 0, precedente.nb_elements)


def enregistrer(
    connexion: Connexion,
    *,
    recue_le: datetime,
    corps_sha256: Future[bytes],
    octets: int,
    etag: str | None,
    elements: Sequence[bytes | memoryview],
    identifiant: Callable[[bytes], str | None],
    annoncer: Callable[[int], None],
) -> Constat:
    """Store the elements that are not known, and which versions the answer held.

    `identifiant` reads the idProspect of a new element under the strict rules; known ones are never read again.
    `annoncer` is told how many new ones there are before they are stored; `corps_sha256` is waited for only then.

    Raises:
        SourceTerminalError: no element though prospects are known, or an element breaks the strict rules: nothing stored.
    """
    precedente = derniere_reponse(connexion)
    if not elements and precedente and precedente.nb_elements:
        raise SourceTerminalError(
            f"La source a répondu par une liste vide alors que {precedente.nb_elements} prospects sont connus. "
            "Le CRM garde ce qu'il avait ; vérifier l'application source."
        )
    with ThreadPoolExecutor(1, thread_name_prefix="crm_sync-presents") as fil:
        lus = fil.submit(_presents, connexion)
        empreintes = [sha256(element).digest() for element in elements]
        presents = lus.result()
    recus = Counter(empreintes)
    absents = [version for empreinte, (version, _) in presents.items() if empreinte not in recus]
    apparus = [empreinte for empreinte in recus if empreinte not in presents]
    changes = [
        (presents[empreinte][0], nombre)
        for empreinte, nombre in recus.items()
        if empreinte in presents and presents[empreinte][1] != nombre
    ]
    revenus: list[bytes] = []
    if apparus and precedente:
        connues = connexion.execute(requete("bruts.deja_stockes"), {"empreintes": apparus})
        revenus = [bytes(ligne[0]) for ligne in connues]
    inconnus = set(apparus).difference(revenus)
    nouveaux = len(inconnus)
    annoncer(nouveaux)
    with connexion.transaction():
        reponse_id = _inserer_reponse(connexion, recue_le, corps_sha256.result(), octets, len(elements), etag)
        plusieurs = {empreinte: recus[empreinte] for empreinte in inconnus if recus[empreinte] > 1}
        if inconnus:
            derniere = connexion.execute(requete("bruts.derniere_version")).fetchone()
            with connexion.cursor() as curseur, curseur.copy(VERSER) as flux:
                flux.set_types(["text", "bytea", "bytea", "timestamptz"])
                for charge, empreinte in _premiers(elements, empreintes, inconnus):
                    flux.write_row((identifiant(charge), empreinte, charge, recue_le))
            parametres = {"reponse_id": reponse_id, "derniere": derniere and derniere[0]}
            connexion.execute(requete("bruts.nouvelles"), parametres | _fois(plusieurs))
        if revenus:
            parametres = {"reponse_id": reponse_id}
            connexion.execute(requete("bruts.revenues"), parametres | _fois({qui: recus[qui] for qui in revenus}))
        if absents and precedente:
            connexion.execute(requete("bruts.disparus"), {"precedente": precedente.reponse_id, "versions": absents})
        if changes:
            versions, occurrences = zip(*changes, strict=True)
            connexion.execute(
                requete("bruts.occurrences"), {"versions": list(versions), "occurrences": list(occurrences)}
            )
    return Constat(
        reponse_id,
        len(elements),
        nouveaux,
        len(revenus),
        len(absents),
        len(elements) - sum(recus[empreinte] for empreinte in apparus),
    )


def _fois(occurrences: Mapping[bytes, int]) -> dict[str, list[Any]]:
    """Give two lists of parameters: hashes, and how many times the answer held each."""
    return {"empreintes": list(occurrences), "occurrences": list(occurrences.values())}


def _premiers(
    elements: Sequence[bytes | memoryview], empreintes: list[bytes], restants: set[bytes]
) -> Iterator[tuple[bytes, bytes]]:
    """Give each payload of `restants` once, in the order of the answer, one at a time; consumes `restants`."""
    for element, empreinte in zip(elements, empreintes, strict=True):
        if empreinte in restants:
            restants.remove(empreinte)
            yield bytes(element), empreinte


def _presents(connexion: Connexion) -> dict[bytes, tuple[int, int]]:
    """Give hash → (version, occurrences) of the last answer."""
    empreintes, versions, occurrences = la_ligne(connexion.execute(requete("bruts.presents"), binary=True))
    if empreintes is None:
        return {}
    tout = bytes(empreintes)
    debuts = range(0, len(tout), TAILLE_SHA256)
    return {
        tout[debut : debut + TAILLE_SHA256]: (version, nombre)
        for debut, version, nombre in zip(debuts, versions, occurrences, strict=True)
    }


def _inserer_reponse(
    connexion: Connexion,
    recue_le: datetime,
    corps_sha256: bytes,
    octets: int,
    nb_elements: int,
    etag: str | None,
) -> int:
    parametres = {
        "recue_le": recue_le,
        "corps_sha256": corps_sha256,
        "octets": octets,
        "nb_elements": nb_elements,
        "etag": etag,
    }
    (reponse_id,) = la_ligne(connexion.execute(requete("bruts.nouvelle_reponse"), parametres))
    return int(reponse_id)
