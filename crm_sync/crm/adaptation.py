"""What this CRM can hold of decided values: its words, its columns, what we may change there, its precision.

Done once, before anything is decided field by field, to the source's values and to the bases alike: the rules of `domain` then
need not know of mappings, and what the CRM cannot hold is no difference at the next sync. The built-in tables hold everything.
"""

from typing import TYPE_CHECKING, Any

from psycopg import sql

from crm_sync.crm.bornes import longueur, tient
from crm_sync.crm.connexion import Bases
from crm_sync.crm.conversions import ecrite, exacte, lue
from crm_sync.crm.correspondance import FAMILLES, TableCrm
from crm_sync.domain.lots import avec, dans, distincts, la_ou
from crm_sync.domain.motifs import COLONNE_TROP_PETITE
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pyarrow as pa

BORNES = ("text", "jsonb", "numeric", "uuid", "bigint")
"""The types of ours whose values, as text, are what a column of theirs holds; others are converted on the way."""
AUTRE = "autre"
"""Our word that stands for one that an enum of theirs has no label for, where `values` gives it one."""


def adapter(bases: Bases, entite: str, noeuds: "pa.RecordBatch", existent: Any) -> "pa.RecordBatch":
    """Give decided nodes with the values that the CRM can hold: the fields `c` and their bases `base_c`.

    `existent`, an Arrow mask, tells which have a row already: of these a field that we may not update is null, as one without
    column is of all.
    """
    if bases.crm.integree or not noeuds.num_rows:
        return noeuds
    table = bases.crm[entite]
    colonnes: dict[str, Any] = {}
    for champ in (c.nom for c in CHAMPS[entite]):
        for nom in (champ, f"base_{champ}"):
            if table.a(champ):
                colonnes[nom] = _tenues(bases, table, champ, _modifiables(table, champ, noeuds[nom], existent))
            else:
                colonnes[nom] = None
    return avec(noeuds, colonnes)


def debordements(bases: Bases, entite: str, noeuds: "pa.RecordBatch", existent: Any) -> Any:
    """Give the motif of each node that has a value which its column cannot hold without losing it, null where all fit.

    Of decided nodes as they came, before `adapter`. `existent`: see there; a field that we may not write is no reason.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    motifs = pa.nulls(noeuds.num_rows, pa.string())
    if bases.crm.integree or not noeuds.num_rows:
        return motifs
    table = bases.crm[entite]
    for champ in table.champs:
        mots = table.valeurs.get(champ, {})
        admet = tient(table.type(champ))
        if admet is None or not (mots or table.genre(champ).startswith(BORNES)):
            continue
        valeurs = _modifiables(table, champ, noeuds[champ], existent)
        trop = [valeur for valeur in distincts(valeurs) if not admet(mots.get(valeur, valeur))]
        if trop:
            motif = la_ou(dans(valeurs, trop), COLONNE_TROP_PETITE[champ])
            motifs = pc.coalesce(motifs, motif)
    return motifs


def _modifiables(table: TableCrm, champ: str, valeurs: Any, existent: Any) -> Any:
    """Leave out the values that we may not write, those of rows that exist in a field that we may only make."""
    from pyarrow import compute as pc

    return valeurs if table.modifiable(champ) else la_ou(pc.invert(existent), valeurs)


def _tenues(bases: Bases, table: TableCrm, champ: str, valeurs: Any) -> Any:
    """Give each value as it reads back once the CRM holds it."""
    import pyarrow as pa

    distinctes = distincts(valeurs)
    if not distinctes:
        return valeurs
    if (table.entite, champ) in FAMILLES:
        return valeurs
    if champ in table.valeurs or table.colonnes[champ] in table.libelles:
        retenues: dict[str, str | None] = {mot: _mot_tenu(table, champ, mot) for mot in distinctes}
    elif exacte(table, champ, table.genre(champ)) or max(map(len, distinctes)) <= longueur(table.type(champ)):
        return valeurs
    else:
        retenues = _aller_retour(bases, table, champ, distinctes)
    if all(avant == apres for avant, apres in retenues.items()):
        return valeurs
    encodees = valeurs.dictionary_encode()
    mots = [retenues[avant] for avant in encodees.dictionary.to_pylist()]
    return pa.array(mots, pa.string()).take(encodees.indices)


def _mot_tenu(table: TableCrm, champ: str, mot: str) -> str | None:
    """Give the word that theirs is read as: the first of ours that shares theirs; for none `autre`, where that is known."""
    mots = table.valeurs.get(champ, {})
    if mot not in mots:
        libelles = table.libelles.get(table.colonnes[champ])
        if libelles is None or mot in libelles:
            return mot
        if AUTRE not in mots:
            return None
        mot = AUTRE
    return next(notre for notre, leur in mots.items() if leur == mots[mot])


def _aller_retour(bases: Bases, table: TableCrm, champ: str, valeurs: list[str]) -> dict[str, str | None]:
    """Ask Postgres what these values become in a column of that type, in one statement."""
    ecrit = sql.SQL("({})::{}").format(
        ecrite(table, champ, table.genre(champ), sql.SQL("v.valeur")), sql.SQL(table.type(champ))
    )
    requete = sql.SQL("select v.valeur, ({})::text from unnest(%s::text[]) as v (valeur)").format(
        lue(table, champ, table.genre(champ), ecrit)
    )
    with bases.transaction(table.service) as connexion:
        return dict(connexion.execute(requete, (valeurs,)).fetchall())
