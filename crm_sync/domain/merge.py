"""Which value wins, field by field: the base last synced, the source's value now, the CRM's value now, and both times.

    source changed   CRM changed      result
    no               no               untouched
    yes              no               source value
    no               yes              CRM value stays
    yes              yes, other       the more recent of the two; a tie keeps the CRM's
    yes              yes, the same    untouched
    first meeting    differs          the more recent of the node's updatedAt and the row's updated_at; CRM without both
    first meeting    empty            filled

A value that the source lacks (null, empty, absent) has not changed and never erases. Fields of one group are one field:
decided together, never half of each side. Source of the rule: product.md, *The most recent wins*.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from crm_sync.domain.canonique import memes
from crm_sync.domain.lots import autrement_ecrits, certain, la_ou
from crm_sync.domain.partage import Partage, prendre
from crm_sync.domain.temps import plus_tard, temps_source
from crm_sync.domain.types import Champ
from crm_sync.domain.vus import TempsCrm, Vu, lire_vus

if TYPE_CHECKING:
    import pyarrow as pa


class Entree(msgspec.Struct, frozen=True, gc=False):
    """A field that is written or whose source value lost, as the plan says it (see `plan.Plan`)."""

    avant: str | None
    apres: str | None
    regle: str
    gagnant: str
    perdant: str | msgspec.UnsetType | None
    source_id: str
    source_le: str | None
    crm_le: str | None


@dataclass(slots=True)
class Fusion:
    """What was decided of rows that exist in the CRM.

    `bases`: one row per CRM row, `crm_id` and per field the base that its links have in common from now on. Of these rows,
    by number: `places` in the snapshot; `derniers`, the nodes that spoke last, None where each has one node; `changements`,
    by field what is written and where the source's value lost; `vus`, by field the CRM's values that are not the base now.
    `conflits` counts fields or groups.
    """

    bases: "pa.RecordBatch"
    places: Any
    derniers: Any
    changements: dict[int, dict[str, Entree]] = field(default_factory=dict)
    vus: dict[int, dict[str, Vu]] = field(default_factory=dict)
    conflits: int = 0


class Paire(NamedTuple):
    """A CRM row and one group of fields: what the source says, the common base, what the CRM holds, a value per field.

    `ligne` is the row's number, `modifie_reel` its updated_at, None where that says nothing of a person; `source_id`,
    `source_le` and `modifie_a` (its updatedAt) are those of the node that speaks.
    """

    dits: tuple[str | None, ...]
    bases: tuple[str | None, ...]
    crm: tuple[str | None, ...]
    ligne: int
    modifie_reel: str | None
    source_id: str
    source_le: str | None
    modifie_a: str | None


class Verdict(NamedTuple):
    """Which side wins a pair, and the two times that were compared (`crm_le` None where there was no contest).

    `ecarts`: per field, whether the source says something else than the CRM.
    """

    regle: str
    ecarts: tuple[bool, ...]
    conflit: bool
    gagne: bool
    source_le: str | None
    crm_le: str | None


Dater = Callable[[int, Champ, str | None, str | None], str]
"""See `TempsCrm.dater`."""


def par_decision(champs: Sequence[Champ]) -> Mapping[str, tuple[Champ, ...]]:
    """Group the fields that are decided together; a field without group stands alone under its own name."""
    groupes: dict[str, tuple[Champ, ...]] = {}
    for champ in champs:
        nom = champ.groupe or champ.nom
        groupes[nom] = (*groupes.get(nom, ()), champ)
    return groupes


def juger(groupe: Sequence[Champ], paire: Paire, dater: Dater) -> Verdict | None:
    """Apply the table to one CRM row and one field or group; None where nothing is written and nothing lost."""
    if not any(map(_dit_autre, paire.dits, paire.bases, groupe)):
        return None
    ecarts = tuple(map(_dit_autre, paire.dits, paire.crm, groupe))
    if not any(ecarts):
        return None
    if all(base is None for base in paire.bases):
        if all(crm is None for crm, ecart in zip(paire.crm, ecarts, strict=True) if ecart):
            return Verdict("vide", ecarts, False, True, paire.source_le, None)
        regle, source_le, crm_le = "premiere_rencontre", paire.modifie_a, paire.modifie_reel
    else:
        crm_changes = [
            (champ, crm)
            for champ, crm, base in zip(groupe, paire.crm, paire.bases, strict=True)
            if not memes(crm, base, champ.genre)
        ]
        if not crm_changes:
            return Verdict("source", ecarts, False, True, paire.source_le, None)
        regle, source_le = "plus_recent", paire.source_le
        crm_le = max(dater(paire.ligne, champ, crm, paire.modifie_reel) for champ, crm in crm_changes)
    return Verdict(regle, ecarts, True, plus_tard(source_le, crm_le), source_le, crm_le)


def _dit_autre(dit: str | None, autre: str | None, champ: Champ) -> bool:
    return dit is not None and not memes(dit, autre, champ.genre)


def fusionner(
    noeuds: "pa.RecordBatch", places: Any, instantane: "pa.RecordBatch", champs: Sequence[Champ], maintenant: str
) -> Fusion:
    """Decide every field of rows that exist in the CRM.

    `noeuds`: all source nodes of these rows, `places`: where each node's row stands in `instantane` (columns of both: see
    `plan.dresser`). `maintenant` dates what nothing else does.
    """
    import pyarrow as pa

    rencontres = _Rencontres.ranger(noeuds, places, instantane)
    partage = rencontres.partage
    temps = lire_vus(noeuds["vu"], partage.de, maintenant)
    bases = {"crm_id": instantane["crm_id"].take(partage.cibles)}
    fusion = Fusion(
        noeuds.slice(length=0), partage.cibles, partage.premiers(rencontres.par_source, rencontres.du_noeud[:1])
    )
    for groupe in par_decision(champs).values():
        nouvelles, paires = rencontres.comparer(groupe)
        bases |= {champ.nom: nouvelle for champ, nouvelle in zip(groupe, nouvelles, strict=True)}
        for paire in paires:
            _noter(fusion, groupe, paire, juger(groupe, paire, temps.dater), temps)
    fusion.bases = pa.RecordBatch.from_pydict(bases)
    return fusion


def _noter(fusion: Fusion, groupe: Sequence[Champ], paire: Paire, verdict: Verdict | None, temps: TempsCrm) -> None:
    """Note what a verdict writes, what lost, and the CRM's values that are not the base after it."""
    if verdict and verdict.conflit:
        fusion.conflits += 1
    for rang, champ in enumerate(groupe):
        dit, crm = paire.dits[rang], paire.crm[rang]
        if verdict and verdict.ecarts[rang]:
            gagne = verdict.gagne
            fusion.changements.setdefault(paire.ligne, {})[champ.nom] = Entree(
                crm,
                dit if gagne else crm,
                verdict.regle,
                "source" if gagne else "crm",
                (crm if gagne else dit) if verdict.conflit else msgspec.UNSET,
                paire.source_id,
                verdict.source_le,
                verdict.crm_le,
            )
            if gagne:
                continue
        if not memes(crm, paire.bases[rang] if dit is None else dit, champ.genre):
            le = temps.dater(paire.ligne, champ, crm, paire.modifie_reel)
            fusion.vus.setdefault(paire.ligne, {})[champ.nom] = Vu(crm, le)


@dataclass(frozen=True, slots=True)
class _Rencontres:
    """Nodes and the CRM rows they meet.

    `par_source`, `par_base`: the nodes in the order in which they are heard, and in which their base counts. `du_noeud`: of
    each node `source_id`, `source_le` and `modifie_a`; `modifie_reel`: of each row (see `Paire`).
    """

    noeuds: "pa.RecordBatch"
    instantane: "pa.RecordBatch"
    partage: Partage
    par_source: Any
    par_base: Any
    du_noeud: list[Any]
    modifie_reel: Any

    @classmethod
    def ranger(cls, noeuds: "pa.RecordBatch", places: Any, instantane: "pa.RecordBatch") -> "_Rencontres":
        from pyarrow import compute as pc

        partage = Partage.par(places)
        source_id, source_le = noeuds["source_id"], temps_source(noeuds)
        notre = certain(pc.equal(instantane["notre_ecriture"], "true"))
        reels = la_ou(pc.invert(notre), instantane["modifie_crm"])
        return cls(
            noeuds,
            instantane,
            partage,
            partage.ordonner(source_le, source_id),
            partage.ordonner(noeuds["lien_source_le"], source_id),
            [source_id, source_le, noeuds["modifie_a"]],
            reels.take(partage.cibles),
        )

    def comparer(self, groupe: Sequence[Champ]) -> tuple[list[Any], Iterator[Paire]]:
        """Give per field the base of each row from now on, and the rows whose CRM value is spelt otherwise than that.

        Where the CRM's value is spelt like the new base, nothing is to be written, lost or remembered.
        """
        from pyarrow import compute as pc

        dits, bases = ([self.noeuds[f"{sorte}{c.nom}"] for c in groupe] for sorte in ("", "base_"))
        voix, lien = self.partage.premiers(self.par_source, dits), self.partage.premiers(self.par_base, bases)
        dits, bases = [prendre(dit, voix) for dit in dits], [prendre(base, lien) for base in bases]
        crm = [self.instantane[f"crm_{c.nom}"].take(self.partage.cibles) for c in groupe]
        nouvelles = [pc.coalesce(dit, base) for dit, base in zip(dits, bases, strict=True)]
        autres = pc.indices_nonzero(reduce(pc.or_, map(autrement_ecrits, nouvelles, crm)))
        if not len(autres):
            return nouvelles, iter(())
        valeurs = (zip(*_valeurs(cote, autres), strict=True) for cote in (dits, bases, crm))
        du_noeud = _valeurs(self.du_noeud, autres if voix is None else voix.take(autres))
        paires = zip(*valeurs, autres.to_pylist(), *_valeurs([self.modifie_reel], autres), *du_noeud, strict=True)
        return nouvelles, map(Paire._make, paires)


def _valeurs(colonnes: Sequence[Any], rangs: Any) -> list[list[Any]]:
    """Give the values of columns at these places, a list each."""
    import pyarrow as pa

    lot = pa.record_batch(list(colonnes), [str(i) for i in range(len(colonnes))])
    return [colonne.to_pylist() for colonne in lot.take(rangs).columns]


def reunir(lignes: "pa.RecordBatch", champs: Sequence[Champ], cible: str) -> "pa.RecordBatch":
    """Give the values of rows to be made: one row per distinct `cible`, the fields of all its source nodes together.

    Each decision takes the values of the node with the latest source time that has any (tie: lowest source id).
    """
    import pyarrow as pa

    partage, source_id = Partage.par(lignes[cible]), lignes["source_id"]
    if len(partage.cibles) == lignes.num_rows:
        return lignes
    ordre = partage.ordonner(temps_source(lignes), source_id)
    derniers = partage.premiers(ordre, [source_id])
    reunies = {nom: lignes[nom].take(derniers) for nom in lignes.schema.names}
    for groupe in par_decision(champs).values():
        dits = {champ.nom: lignes[champ.nom] for champ in groupe}
        qui = partage.premiers(ordre, list(dits.values()))
        reunies |= {nom: dit.take(qui) for nom, dit in dits.items()}
    return pa.RecordBatch.from_pydict(reunies)
