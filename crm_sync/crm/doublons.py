"""Possible duplicates, and what people decided of two records.

Grain: `doublon_possible` one row per unordered pair (`client:ID` or `prospect:ID`), open until somebody decides; `decision`
one row per pair. A decision is read by `domain.identity` at every sync, and beats whatever evidence there is.
"""

from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from crm_sync.crm import snapshot
from crm_sync.crm.connexion import Bases, la_ligne
from crm_sync.crm.copie import provisoire, textes, verser
from crm_sync.crm.requetes import requete
from crm_sync.domain.decisions import Decisions
from crm_sync.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

COLONNES = ["id_a", "id_b", "regle", "preuve"]


def decisions(bases: Bases) -> Decisions:
    """Read what people decided."""
    lignes = bases.connexion("sync").execute(requete("doublons.decisions")).fetchall()
    return Decisions.lues((str(verdict), str(a), str(b)) for verdict, a, b in lignes)


def nommes(decides: Decisions) -> frozenset[str]:
    """Give every record that a decision names, as `client:ID` or `prospect:ID`."""
    return frozenset(noeud for paire in (*decides.memes, *decides.differents) for noeud in paire)


def signaler(bases: Bases, paires: "pa.RecordBatch") -> None:
    """Report pairs; one that is reported already stays as it is."""
    if not paires.num_rows:
        return
    with bases.transaction("sync") as connexion, provisoire(connexion, "paires", textes(COLONNES)) as table:
        verser(connexion, table, paires)
        connexion.execute(requete("doublons.signaler"))


def lister(bases: Bases) -> list[dict[str, Any]]:
    """Read the pairs that wait for a person, oldest first, with the evidence on each."""
    with bases.connexion("sync").cursor(row_factory=dict_row) as curseur:
        return curseur.execute(requete("doublons.ouverts"), {}).fetchall()


def compter(bases: Bases) -> int:
    """Count the pairs that wait for a person: as many as `lister` gives."""
    texte: Any = requete("doublons.ouverts").decode()
    (nombre,) = la_ligne(bases.connexion("sync").execute(f"select count(*) from ({texte}) as o", {}))  # noqa: S608  a statement of ours
    return int(nombre)


def verifier(bases: Bases, a: str, b: str) -> None:
    """Make sure that two records can be decided on.

    Raises:
        ConfigurationError: an id is not of the form, leads to nobody, or both are the same.
    """
    if a == b:
        raise ConfigurationError(
            "Une fiche ne peut pas être comparée à elle-même : donner deux identifiants différents."
        )
    for qui in (a, b):
        _verifier(bases, qui)


def decider(bases: Bases, verdict: str, a: str, b: str, par: str) -> None:
    """Record that two records are one person (`meme`, `a` is kept) or two (`different`); replaces what was decided before.

    The prospects concerned wait from now on, and are decided with it by the next writing stage. Under the sync's lock: a
    running sync would settle their links with what it read before.
    """
    with bases.transaction("sync") as connexion:
        parametres = {"verdict": verdict, "a": a, "b": b, "par": par}
        connexion.execute(requete("doublons.oublier"), parametres)
        connexion.execute(requete("doublons.decider"), parametres)
        connexion.execute(requete("doublons.fermer"), parametres)
        connexion.execute(requete("doublons.reouvrir_liens"), parametres)


def _verifier(bases: Bases, qui: str) -> None:
    genre, _, valeur = qui.partition(":")
    if genre == "client" and valeur:
        connu = bool(snapshot.existantes(bases, "client", [valeur]))
    elif genre == "prospect" and valeur:
        connu = bool(bases.connexion("sync").execute(requete("doublons.prospect_connu"), {"qui": valeur}).fetchone())
    else:
        raise ConfigurationError(f"« {qui} » n'est pas une fiche : attendu client:ID ou prospect:ID.")
    if not connu:
        raise ConfigurationError(
            f"{qui} n'existe pas : « crm-sync duplicates » et « crm-sync client » donnent les identifiants."
        )
