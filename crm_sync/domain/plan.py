"""The plan: one row for each CRM row to be made or changed, decided from what the source says and what the CRM holds.

The plan is data: it is stored before anything is written, applied by `crm.apply`, and read again as the journal.
"""

from dataclasses import dataclass
from functools import cache
from os import urandom
from typing import TYPE_CHECKING

import msgspec

from crm_sync.domain.merge import fusionner, reunir
from crm_sync.domain.types import CHAMPS, Champ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

VARIANTES = "89ab"
COLONNES = ("crm_id", "action", "jeton", "a_ecrire", "champs", "regle", "preuve")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one entity.

    `lignes`: columns `COLONNES` and one per field (the value to write, NA where the field is not written); one row per CRM
    row. `jeton` is the row's version in the snapshot (NA for a creation), `a_ecrire` a Postgres array of the fields to
    write, `champs` the JSON `{field: {"avant": …, "apres": …}}` (both NA for a creation, which writes all its values).
    `conflits` counts the fields that both sides had changed.
    """

    lignes: "pd.DataFrame"
    conflits: int


def attribuer_ids(decisions: "pd.DataFrame") -> "pd.DataFrame":
    """Fix the CRM id of every new row: one per `groupe` of decisions without `crm_id`; the others keep theirs.

    Adds the column `nouveau`, true where the id was given here.
    """
    nouvelles = decisions["crm_id"].isna()
    groupes = decisions.loc[nouvelles, "groupe"]
    distincts = groupes.drop_duplicates()
    ids = dict(zip(distincts, _uuids(len(distincts)), strict=True))
    complete = decisions.assign(nouveau=nouvelles)
    complete.loc[nouvelles, "crm_id"] = groupes.map(ids).astype(decisions["source_id"].dtype)
    return complete


def _uuids(nombre: int) -> list[str]:
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


def dresser(entite: str, decisions: "pd.DataFrame", instantane: "pd.DataFrame") -> Plan:
    """Plan one entity.

    `decisions`: one row per source node with `source_id`, `crm_id`, `modifie_a`, `regle`, `preuve`, the fields `c` and their
    bases `base_c`. `instantane`: the CRM rows of these ids with `crm_id`, `jeton` and `crm_c`. A decision whose row is not in
    the snapshot is a creation: the caller has taken out those whose row somebody deleted.
    """
    import pandas as pd

    champs = CHAMPS[entite]
    existantes = decisions["crm_id"].isin(instantane["crm_id"])
    creations = _creations(decisions[~existantes], champs)
    rencontres = decisions[existantes].merge(instantane, on="crm_id")
    changements = fusionner(rencontres, champs)
    modifications = _modifications(changements, rencontres, champs)
    return Plan(
        pd.concat([creations, modifications], ignore_index=True),
        int(changements["conflit"].astype(bool).sum()),
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
    par_ligne: dict[str, dict[str, dict[str, str | None]]] = {}
    for crm_id, champ, avant, apres, conflit in zip(
        changements["crm_id"].tolist(),
        changements["champ"].tolist(),
        changements["avant"].tolist(),
        changements["apres"].tolist(),
        changements["conflit"].tolist(),
        strict=True,
    ):
        entree = {"avant": avant if isinstance(avant, str) else None, "apres": apres}
        par_ligne.setdefault(crm_id, {})[champ] = {**entree, "conflit": "source"} if conflit else entree
    plan = pd.DataFrame(
        {
            "crm_id": list(par_ligne),
            "action": "modification",
            "a_ecrire": ["{" + ",".join(ecrits) + "}" for ecrits in par_ligne.values()],
            "champs": [msgspec.json.encode(ecrits).decode() for ecrits in par_ligne.values()],
            **{nom: [ecrits[nom]["apres"] if nom in ecrits else None for ecrits in par_ligne.values()] for nom in noms},
        }
    )
    return plan.merge(rencontres[["crm_id", "jeton", "regle", "preuve"]].drop_duplicates("crm_id"), on="crm_id")
