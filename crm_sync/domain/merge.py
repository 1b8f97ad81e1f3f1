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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from crm_sync.domain.canonique import differe
from crm_sync.domain.temps import par_recence, plus_tard, temps_source
from crm_sync.domain.types import Champ
from crm_sync.domain.vus import TempsCrm, a_retenir, lire_vus

if TYPE_CHECKING:
    import pandas as pd

CHANGEMENTS = (
    "crm_id",
    "champ",
    "decision",
    "avant",
    "apres",
    "dit",
    "regle",
    "gagne",
    "conflit",
    "source_id",
    "source_le",
    "crm_le",
)
DU_NOEUD = ["source_id", "source_le", "modifie_a"]


@dataclass(frozen=True, slots=True)
class Fusion:
    """What was decided of rows that exist in the CRM.

    `changements`: one row per CRM row and field that is written or whose source value lost, columns `CHANGEMENTS`: `dit` is
    the source's value, `apres` the one that stands now, `gagne` whether they are the same. `vus`: one row per CRM value
    that is not the base now, `crm_id`, `champ`, `valeur`, `le`. `bases`: one row per CRM row, `crm_id` and per field the
    base that its links have in common from now on.
    """

    changements: "pd.DataFrame"
    vus: "pd.DataFrame"
    bases: "pd.DataFrame"


def par_decision(champs: Sequence[Champ]) -> Mapping[str, tuple[Champ, ...]]:
    """Group the fields that are decided together; a field without group stands alone under its own name."""
    groupes: dict[str, tuple[Champ, ...]] = {}
    for champ in champs:
        nom = champ.groupe or champ.nom
        groupes[nom] = (*groupes.get(nom, ()), champ)
    return groupes


def fusionner(rencontres: "pd.DataFrame", champs: Sequence[Champ], maintenant: str) -> Fusion:
    """Decide every field of rows that exist in the CRM.

    `rencontres`: one row per source node with its CRM row, the columns of both (see `plan.dresser`); all nodes of a CRM row
    are there. `maintenant` dates what nothing else does.
    """
    import pandas as pd

    temps = lire_vus(rencontres, maintenant)
    notre = (rencontres["notre_ecriture"] == "true").fillna(value=False).astype(bool)
    noeuds = _Noeuds.ranger(
        rencontres.assign(
            source_le=temps_source(rencontres), modifie_reel=rencontres["modifie_crm"].mask(notre)
        ).reset_index(drop=True)
    )
    changements: list[pd.DataFrame] = []
    vus: list[pd.DataFrame] = []
    bases: dict[str, pd.Series[str]] = {}
    for decision, groupe in par_decision(champs).items():
        lignes = noeuds.reunir(groupe)
        decides = _decider(lignes, decision, groupe, temps)
        changements.extend(decides)
        ecrits = {d["champ"].iloc[0]: d.index[d["gagne"]] for d in decides}
        nouvelles = {f"nouvelle_{c.nom}": lignes[c.nom].fillna(lignes[f"base_{c.nom}"]) for c in groupe}
        vus.extend(a_retenir(lignes.assign(**nouvelles), groupe, ecrits, temps))
        bases |= {"crm_id": lignes["crm_id"], **{c.nom: nouvelles[f"nouvelle_{c.nom}"] for c in groupe}}
    return Fusion(
        pd.concat(changements, ignore_index=True) if changements else pd.DataFrame(columns=list(CHANGEMENTS)),
        pd.concat(vus, ignore_index=True) if vus else pd.DataFrame(columns=["crm_id", "champ", "valeur", "le"]),
        pd.DataFrame(bases),
    )


@dataclass(frozen=True, slots=True)
class _Noeuds:
    """The nodes of all rows: those alone on theirs, and those that share one, whose row has the number `rang`.

    `lignes`: the shared rows by number; `par_source`, `par_base`: their nodes, the latest to speak or to be applied first.
    """

    seuls: "pd.DataFrame"
    lignes: "pd.DataFrame"
    par_source: "pd.DataFrame"
    par_base: "pd.DataFrame"

    @classmethod
    def ranger(cls, noeuds: "pd.DataFrame") -> "_Noeuds":
        partages = noeuds["crm_id"].duplicated(keep=False)
        if not partages.any():
            return cls(noeuds, *[noeuds[:0]] * 3)
        ensemble = noeuds[partages]
        ensemble = ensemble.assign(rang=ensemble["crm_id"].factorize()[0])
        lignes = ensemble.drop_duplicates("rang").set_index("rang")
        ordres = (par_recence(ensemble, temps).set_index("rang") for temps in ("source_le", "lien_source_le"))
        return cls(noeuds[~partages], lignes, *ordres)

    def reunir(self, groupe: Sequence[Champ]) -> "pd.DataFrame":
        """Give one row per CRM row, in the same order for every group: who speaks for it, the common base, the CRM's values."""
        import pandas as pd

        dits, bases, crm = ([f"{sorte}{c.nom}" for c in groupe] for sorte in ("", "base_", "crm_"))
        colonnes = ["crm_id", *DU_NOEUD, "modifie_reel", *dits, *bases, *crm]
        if self.lignes.empty:
            return self.seuls[colonnes]
        parties = (
            self.lignes[["crm_id", "modifie_reel", *crm]],
            self._premiers(self.par_source, dits, [*DU_NOEUD, *dits]),
            self._premiers(self.par_base, bases, bases),
        )
        return pd.concat([self.seuls[colonnes], pd.concat(parties, axis=1)[colonnes]], ignore_index=True)

    def _premiers(self, noeuds: "pd.DataFrame", valeurs: list[str], gardees: list[str]) -> "pd.DataFrame":
        """Keep, per shared row, the first node that has any of these values; NA where none has."""
        disants = noeuds.loc[_un_des(noeuds[nom].notna() for nom in valeurs).to_numpy(), gardees]
        return disants[~disants.index.duplicated()].reindex(self.lignes.index)


def _decider(lignes: "pd.DataFrame", decision: str, groupe: Sequence[Champ], temps: TempsCrm) -> "list[pd.DataFrame]":
    """Decide one field or group: per field the rows where the source's value is written or loses, in the rows' own index."""
    source_change = _un_des(
        lignes[c.nom].notna() & differe(lignes[c.nom], lignes[f"base_{c.nom}"], c.genre) for c in groupe
    )
    if not source_change.any():
        return []
    lignes = lignes[source_change]
    ecarts = {c.nom: lignes[c.nom].notna() & differe(lignes[c.nom], lignes[f"crm_{c.nom}"], c.genre) for c in groupe}
    a_juger = _un_des(ecarts.values())
    lignes = lignes[a_juger]
    if lignes.empty:
        return []
    verdict = _juger(lignes, {nom: ecart[a_juger] for nom, ecart in ecarts.items()}, groupe, temps)
    return [
        verdict.assign(
            crm_id=lignes["crm_id"],
            champ=nom,
            decision=decision,
            avant=lignes[f"crm_{nom}"],
            dit=lignes[nom],
            apres=lignes[nom].where(verdict["gagne"], lignes[f"crm_{nom}"]),
            source_id=lignes["source_id"],
        ).loc[ecart[a_juger], list(CHANGEMENTS)]
        for nom, ecart in ecarts.items()
        if ecart.any()
    ]


def _juger(
    lignes: "pd.DataFrame", ecarts: "Mapping[str, pd.Series[bool]]", groupe: Sequence[Champ], temps: TempsCrm
) -> "pd.DataFrame":
    """Tell which side wins rows where the source changed and says something else than the CRM.

    Columns `regle`, `conflit`, `gagne`, and the two times that were compared (`crm_le` NA where there was no contest).
    """
    import pandas as pd

    connue = _un_des(lignes[f"base_{c.nom}"].notna() for c in groupe)
    crm_change = {c: differe(lignes[f"crm_{c.nom}"], lignes[f"base_{c.nom}"], c.genre) for c in groupe}
    oppose = _un_des(ecarts[c.nom] & lignes[f"crm_{c.nom}"].notna() for c in groupe)
    conflit = _un_des(crm_change.values()).where(connue, oppose)
    source_le = lignes["source_le"].where(connue | ~conflit, lignes["modifie_a"])
    crm_le = _dernier(lignes, crm_change, temps).where(connue, lignes["modifie_reel"]).where(conflit)
    regle = pd.Series("source", index=lignes.index)
    regle = regle.mask(connue & conflit, "plus_recent")
    regle = regle.mask(~connue, "vide").mask(~connue & conflit, "premiere_rencontre")
    return pd.DataFrame(
        {
            "regle": regle,
            "conflit": conflit,
            "gagne": ~conflit | plus_tard(source_le, crm_le),
            "source_le": source_le,
            "crm_le": crm_le,
        }
    )


def _dernier(
    lignes: "pd.DataFrame", crm_change: "Mapping[Champ, pd.Series[bool]]", temps: TempsCrm
) -> "pd.Series[str]":
    """Give the latest time of the fields of a group that the CRM changed; NA where it changed none."""
    dernier = lignes["modifie_reel"].where(lignes["crm_id"].isna())
    for champ, change in crm_change.items():
        le = temps.dater(lignes, champ).where(change)
        dernier = le.where(plus_tard(le, dernier) | dernier.isna(), dernier)
    return dernier


def _un_des(conditions: "Iterable[pd.Series[bool]]") -> "pd.Series[bool]":
    return reduce(or_, conditions)


def reunir(lignes: "pd.DataFrame", champs: Sequence[Champ], cible: str) -> "pd.DataFrame":
    """Give the values of rows to be made: one row per distinct `cible`, the fields of all its source nodes together.

    Each decision takes the values of the node with the latest source time that has any (tie: lowest source id).
    """
    if lignes[cible].is_unique:
        return lignes
    ordonnees = par_recence(lignes.assign(source_le=temps_source(lignes)), "source_le").drop(columns="source_le")
    resultat = ordonnees.drop_duplicates(cible).set_index(cible)
    for groupe in par_decision(champs).values():
        noms = [c.nom for c in groupe]
        dites = ordonnees[_un_des(ordonnees[nom].notna() for nom in noms)].drop_duplicates(cible).set_index(cible)
        for nom in noms:
            resultat[nom] = dites[nom].reindex(resultat.index)
    return resultat.reset_index()
