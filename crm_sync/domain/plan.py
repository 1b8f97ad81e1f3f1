"""The plan: one row for each CRM row to be made or changed, decided from what the source says and what the CRM holds.

The plan is data: it is stored before anything is written, applied by `crm.apply`, and read again as the journal.
"""

from dataclasses import dataclass
from functools import cache
from os import urandom
from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.domain.lots import a_la_suite, avec, retenir
from crm_sync.domain.merge import Fusion, fusionner, reunir
from crm_sync.domain.types import CHAMPS, Champ

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

VARIANTES = "89ab"
COLONNES = ("crm_id", "action", "jeton", "a_ecrire", "champs", "regle", "preuve")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one entity.

    `lignes`: columns `COLONNES` and one per field (the value to write, null where the field is not written); one row per CRM
    row. `action` is `creation`, `modification`, or `conflit` where the CRM's value won and nothing is written. `jeton` is
    the row's version in the snapshot (null for a creation), `a_ecrire` a Postgres array of the fields to write. `champs` is
    JSON, one entry per field that is written or whose source value lost: `avant`, `apres`, `regle` (`source`,
    `plus_recent`, `premiere_rencontre`, `vide`), `gagnant` (`source`, `crm`), in conflicts `perdant`, and `source_id`,
    `source_le`, `crm_le` (null where no CRM time was compared); `champs` and `a_ecrire` are null for a creation, which writes
    all its values.
    `conflits` counts the fields or groups that both sides had changed, or that differed when they first met.
    `bases`: one row per row that exists, `crm_id` and per field the base of all its links from now on. Not each node's own
    last value: a prospect that falls silent would keep one that is no longer what was applied, and our own write from
    another prospect would pass for a person's.
    `vus`: of each row of `bases` the JSON to remember on its links (see `domain.vus`), null where nothing.
    """

    lignes: "pa.RecordBatch"
    conflits: int
    vus: Any
    bases: "pa.RecordBatch"

    def des_liens(self, noeuds: "pa.RecordBatch") -> "tuple[dict[str, Any], Any]":
        """Give what the links of these nodes hold from now on, of rows that exist: the base by field, and what to remember."""
        from pyarrow import compute as pc

        rangs = pc.index_in(noeuds["crm_id"], value_set=self.bases["crm_id"])
        communes = {nom: self.bases[nom].take(rangs) for nom in self.bases.schema.names if nom != "crm_id"}
        return communes, self.vus.take(rangs)


def bases_propres(entite: str, noeuds: "pa.RecordBatch") -> dict[str, Any]:
    """Give the base of each node's own values, by field; what the source lacks leaves the base as it was."""
    from pyarrow import compute as pc

    return {c.nom: pc.coalesce(noeuds[c.nom], noeuds[f"base_{c.nom}"]) for c in CHAMPS[entite]}


def attribuer_ids(decisions: "pa.RecordBatch", ids: "Callable[[int], Sequence[str]] | None" = None) -> "pa.RecordBatch":
    """Fix the CRM id of every new row: one per `groupe` of decisions without `crm_id`; the others keep theirs.

    `ids` gives so many new ids, UUIDs unless said. Adds the column `nouveau`, true where the id was given here.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    nouvelles = decisions["crm_id"].is_null()
    groupes = decisions["groupe"].filter(nouvelles).dictionary_encode()
    nombre = len(groupes.dictionary)
    donnes = pa.array((ids or uuids)(nombre) if nombre else (), pa.string()).take(groupes.indices)
    complets = pc.replace_with_mask(decisions["crm_id"], nouvelles, donnes)
    return avec(decisions, {"nouveau": nouvelles, "crm_id": complets})


def uuids(nombre: int) -> list[str]:
    """Make random UUIDs (version 4), as text; `uuid.uuid4` costs ten times as much by the hundred thousand."""
    hasard = urandom(16 * nombre).hex()
    return [
        f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{VARIANTES[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"
        for h in (hasard[i : i + 32] for i in range(0, 32 * nombre, 32))
    ]


def en_json(champs: "Mapping[str, Any]") -> "list[str]":
    """Write rows as JSON objects, one per row of these Arrow arrays of text; a missing value is left out."""
    ligne = _objet(tuple(champs))
    colonnes = (colonne.to_pylist() for colonne in champs.values())
    encoder = msgspec.json.Encoder()
    return [encoder.encode(ligne(*valeurs)).decode() for valeurs in zip(*colonnes, strict=True)]


@cache
def _objet(noms: tuple[str, ...]) -> type[msgspec.Struct]:
    """Make the type of an object with these optional texts: a dictionary per row costs three times as much."""
    return msgspec.defstruct("Ligne", [(nom, str | None, None) for nom in noms], omit_defaults=True)


def dresser(entite: str, decisions: "pa.RecordBatch", instantane: "pa.RecordBatch", maintenant: str) -> Plan:
    """Plan one entity.

    `decisions`: one row per source node of every CRM row concerned, also the unchanged ones, with `source_id`, `crm_id`,
    `regle`, `preuve`, `modifie_a` (its own updatedAt, never after reception), `vu_le` (when its content was first seen),
    `empreinte`, what its link holds (`lien_empreinte`, `lien_modifie_a`, `lien_source_le`, `vu`; null without link), the
    fields `c` and their bases `base_c`. `instantane`: the CRM rows of these ids with `crm_id`, `jeton`, `crm_c`,
    `modifie_crm` (updated_at) and `notre_ecriture` (`true`: that is when we wrote it). A decision whose row is not in the
    snapshot is a creation: the caller has taken out those whose row somebody deleted. `maintenant`: this instant.
    """
    from pyarrow import compute as pc

    champs = CHAMPS[entite]
    places = pc.index_in(decisions["crm_id"], value_set=instantane["crm_id"])
    noeuds = retenir(decisions, places.is_valid())
    fusion = fusionner(noeuds, places.drop_null(), instantane, champs, maintenant)
    creations = _creations(retenir(decisions, places.is_null()), champs)
    modifications = _modifications(fusion, noeuds, instantane, champs)
    return Plan(a_la_suite(creations, modifications), fusion.conflits, _en_vu(fusion), fusion.bases)


def _creations(nouvelles: "pa.RecordBatch", champs: "Sequence[Champ]") -> "pa.RecordBatch":
    """Give the plan rows of CRM rows to be made."""
    lignes = reunir(nouvelles, champs, "crm_id").select(["crm_id", "regle", "preuve", *(c.nom for c in champs)])
    return avec(lignes, {"action": "creation", "jeton": None, "a_ecrire": None, "champs": None})


def _modifications(
    fusion: Fusion, noeuds: "pa.RecordBatch", instantane: "pa.RecordBatch", champs: "Sequence[Champ]"
) -> "pa.RecordBatch":
    """Give the plan rows of CRM rows that exist: those of which something is written or lost."""
    import pyarrow as pa

    changements = fusion.changements.values()
    ecrits = [{nom: e.apres for nom, e in entrees.items() if e.gagnant == "source"} for entrees in changements]
    rangs = pa.array(fusion.changements, pa.int64())
    derniers = rangs if fusion.derniers is None else fusion.derniers.take(rangs)
    encoder = msgspec.json.Encoder()
    textuelles = {
        "action": ["modification" if valeurs else "conflit" for valeurs in ecrits],
        "a_ecrire": ["{" + ",".join(valeurs) + "}" for valeurs in ecrits],
        "champs": [encoder.encode(entrees).decode() for entrees in changements],
        **{champ.nom: [valeurs.get(champ.nom) for valeurs in ecrits] for champ in champs},
    }
    return pa.RecordBatch.from_pydict(
        {
            "crm_id": fusion.bases["crm_id"].take(rangs),
            "jeton": instantane["jeton"].take(fusion.places.take(rangs)),
            **{nom: noeuds[nom].take(derniers) for nom in ("regle", "preuve")},
            **{nom: pa.array(valeurs, pa.string()) for nom, valeurs in textuelles.items()},
        }
    )


def _en_vu(fusion: Fusion) -> Any:
    """Write what is to be remembered of each CRM row as JSON, in the shape that `domain.vus` reads."""
    import pyarrow as pa

    encoder = msgspec.json.Encoder()
    souvenirs: list[str | None] = [None] * fusion.bases.num_rows
    for rang, vus in fusion.vus.items():
        souvenirs[rang] = encoder.encode(vus).decode()
    return pa.array(souvenirs, pa.string())
