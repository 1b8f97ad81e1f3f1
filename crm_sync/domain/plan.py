"""The plan: one row for each CRM row to be made or changed, decided from what the source says and what the CRM holds.

The plan is data: it is stored before anything is written, applied by `crm.apply`, and read again as the journal.
"""

from dataclasses import dataclass
from functools import cache
from os import urandom
from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.domain.merge import Fusion, fusionner, reunir
from crm_sync.domain.temps import par_recence, temps_source
from crm_sync.domain.types import CHAMPS, Champ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

VARIANTES = "89ab"
COLONNES = ("crm_id", "action", "jeton", "a_ecrire", "champs", "regle", "preuve")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one entity.

    `lignes`: columns `COLONNES` and one per field (the value to write, NA where the field is not written); one row per CRM
    row. `action` is `creation`, `modification`, or `conflit` where the CRM's value won and nothing is written. `jeton` is
    the row's version in the snapshot (NA for a creation), `a_ecrire` a Postgres array of the fields to write. `champs` is
    JSON, one entry per field that is written or whose source value lost: `avant`, `apres`, `regle` (`source`,
    `plus_recent`, `premiere_rencontre`, `vide`), `gagnant` (`source`, `crm`), in conflicts `perdant`, and `source_id`,
    `source_le`, `crm_le` (null where no CRM time was compared); `champs` and `a_ecrire` are NA for a creation, which writes
    all its values.
    `conflits` counts the fields or groups that both sides had changed, or that differed when they first met.
    `vus`: CRM id → JSON to remember on the links of each row that exists (see `domain.vus`), NA where nothing.
    `bases`: one row per row that exists, `crm_id` and per field the base of all its links from now on. Not each node's own
    last value: a prospect that falls silent would keep one that is no longer what was applied, and our own write from
    another prospect would pass for a person's.
    """

    lignes: "pd.DataFrame"
    conflits: int
    vus: "pd.Series[str]"
    bases: "pd.DataFrame"


def attribuer_ids(decisions: "pd.DataFrame", ids: "Callable[[int], Sequence[str]] | None" = None) -> "pd.DataFrame":
    """Fix the CRM id of every new row: one per `groupe` of decisions without `crm_id`; the others keep theirs.

    `ids` gives so many new ids, UUIDs unless said. Adds the column `nouveau`, true where the id was given here.
    """
    nouvelles = decisions["crm_id"].isna()
    groupes = decisions.loc[nouvelles, "groupe"]
    distincts = groupes.drop_duplicates()
    par_groupe = dict(zip(distincts, (ids or uuids)(len(distincts)) if len(distincts) else (), strict=True))
    complete = decisions.assign(nouveau=nouvelles)
    complete.loc[nouvelles, "crm_id"] = groupes.map(par_groupe).astype(decisions["source_id"].dtype)
    return complete


def uuids(nombre: int) -> list[str]:
    """Make random UUIDs (version 4), as text; `uuid.uuid4` costs ten times as much by the hundred thousand."""
    hasard = urandom(16 * nombre).hex()
    return [
        f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{VARIANTES[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"
        for h in (hasard[i : i + 32] for i in range(0, 32 * nombre, 32))
    ]


def en_json(champs: "Mapping[str, pd.Series[str]]") -> "list[str]":
    """Write rows as JSON objects, one per row of these columns; a missing value is left out."""
    import pyarrow as pa

    ligne = _objet(tuple(champs))
    colonnes = (pa.array(colonne, pa.string(), from_pandas=True).to_pylist() for colonne in champs.values())
    encoder = msgspec.json.Encoder()
    return [encoder.encode(ligne(*valeurs)).decode() for valeurs in zip(*colonnes, strict=True)]


@cache
def _objet(noms: tuple[str, ...]) -> type[msgspec.Struct]:
    """Make the type of an object with these optional texts: a dictionary per row costs three times as much."""
    return msgspec.defstruct("Ligne", [(nom, str | None, None) for nom in noms], omit_defaults=True)


def dresser(entite: str, decisions: "pd.DataFrame", instantane: "pd.DataFrame", maintenant: str) -> Plan:
    """Plan one entity.

    `decisions`: one row per source node of every CRM row concerned, also the unchanged ones, with `source_id`, `crm_id`,
    `regle`, `preuve`, `modifie_a` (its own updatedAt, never after reception), `vu_le` (when its content was first seen),
    `empreinte`, what its link holds (`lien_empreinte`, `lien_modifie_a`, `lien_source_le`, `vu`; NA without link), the
    fields `c` and their bases `base_c`. `instantane`: the CRM rows of these ids with `crm_id`, `jeton`, `crm_c`,
    `modifie_crm` (updated_at) and `notre_ecriture` (`true`: that is when we wrote it). A decision whose row is not in the
    snapshot is a creation: the caller has taken out those whose row somebody deleted. `maintenant`: this instant.
    """
    import pandas as pd

    champs = CHAMPS[entite]
    existantes = decisions["crm_id"].isin(instantane["crm_id"])
    creations = _creations(decisions[~existantes], champs)
    rencontres = decisions[existantes].merge(instantane, on="crm_id")
    fusion = fusionner(rencontres, champs, maintenant)
    modifications = _modifications(fusion.changements, rencontres, champs)
    opposes = fusion.changements[fusion.changements["conflit"].astype(bool)]
    return Plan(
        pd.concat([creations, modifications], ignore_index=True),
        len(opposes[["crm_id", "decision"]].drop_duplicates()),
        _en_vu(fusion),
        fusion.bases,
    )


def _creations(nouvelles: "pd.DataFrame", champs: "Sequence[Champ]") -> "pd.DataFrame":
    lignes = reunir(nouvelles, champs, "crm_id")
    return lignes[["crm_id", "regle", "preuve", *(c.nom for c in champs)]].assign(
        action="creation", jeton=None, a_ecrire=None, champs=None
    )


def _modifications(
    changements: "pd.DataFrame", rencontres: "pd.DataFrame", champs: "Sequence[Champ]"
) -> "pd.DataFrame":
    import pandas as pd

    noms = [c.nom for c in champs]
    if changements.empty:
        return pd.DataFrame(columns=[*COLONNES, *noms])
    par_ligne, a_ecrire = _par_ligne(changements)
    plan = pd.DataFrame(
        {
            "crm_id": list(par_ligne),
            "action": ["modification" if ecrits else "conflit" for ecrits in a_ecrire.values()],
            "a_ecrire": ["{" + ",".join(ecrits) + "}" for ecrits in a_ecrire.values()],
            "champs": [msgspec.json.encode(entrees).decode() for entrees in par_ligne.values()],
            **{nom: [ecrits.get(nom) for ecrits in a_ecrire.values()] for nom in noms},
        }
    )
    concernees = rencontres[rencontres["crm_id"].isin(list(par_ligne))]
    if not concernees["crm_id"].is_unique:
        concernees = par_recence(concernees.assign(source_le=temps_source(concernees)), "source_le")
        concernees = concernees.drop_duplicates("crm_id")
    return plan.merge(concernees[["crm_id", "jeton", "regle", "preuve"]], on="crm_id")


def _par_ligne(
    changements: "pd.DataFrame",
) -> tuple[dict[str, dict[str, dict[str, str | None]]], dict[str, dict[str, str | None]]]:
    """Give per CRM row the entries of `champs`, and the values to write: both by field."""
    par_ligne: dict[str, dict[str, dict[str, str | None]]] = {}
    a_ecrire: dict[str, dict[str, str | None]] = {}
    for crm_id, champ, dit, avant, apres, regle, gagne, conflit, source_id, source_le, crm_le in _objets(
        changements,
        ("crm_id", "champ", "dit", "avant", "apres", "regle", "gagne", "conflit", "source_id", "source_le", "crm_le"),
    ):
        entree = {"avant": avant, "apres": apres, "regle": regle, "gagnant": "source" if gagne else "crm"}
        if conflit:
            entree["perdant"] = avant if gagne else dit
        par_ligne.setdefault(crm_id, {})[champ] = {
            **entree,
            "source_id": source_id,
            "source_le": source_le,
            "crm_le": crm_le,
        }
        ecrits = a_ecrire.setdefault(crm_id, {})
        if gagne:
            ecrits[champ] = apres
    return par_ligne, a_ecrire


def _en_vu(fusion: Fusion) -> "pd.Series[str]":
    """Write what is to be remembered of each CRM row as JSON, in the shape that `domain.vus` reads."""
    import pandas as pd
    import pyarrow as pa

    par_ligne: dict[str, dict[str, dict[str, str | None]]] = {}
    for crm_id, champ, valeur, le in _objets(fusion.vus, ("crm_id", "champ", "valeur", "le")):
        par_ligne.setdefault(crm_id, {})[champ] = {"valeur": valeur, "le": le}
    textes = [msgspec.json.encode(vus).decode() for vus in par_ligne.values()]
    texte = pd.ArrowDtype(pa.string())
    return pd.Series(textes, index=list(par_ligne), dtype=texte).reindex(fusion.bases["crm_id"])


def _objets(lignes: "pd.DataFrame", colonnes: tuple[str, ...]) -> "Iterator[tuple[Any, ...]]":
    """Go through rows as tuples of Python values, NA as None."""
    import pyarrow as pa

    return zip(*(pa.array(lignes[nom], from_pandas=True).to_pylist() for nom in colonnes), strict=True)
