"""What the values of text columns look like, counted in SQL over a bounded sample: numbers come out, never a value.

Read-only. One statement per table. A column that our role may not read is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql

from crm_sync.crm.connexion import Bases, Service
from crm_sync.crm.genres import TEXTES
from crm_sync.crm.inventaire import Colonne, Table
from crm_sync.domain.statuts import STATUTS, formes_ecrites

ECHANTILLON = 2000
"""Rows looked at per table, the first that lie there."""
MOTIFS: Mapping[str, str] = {
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "telephone": r"^(\+|00|0)[ .()-]*([0-9][ .()/-]*){8,14}$",
    "iban": r"^[A-Za-z]{2}[0-9]{2}([ ]?[A-Za-z0-9]){11,30}$",
    "bic": r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$",
    "uuid": r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
}
"""What a value looks like, by field; `uuid` tells ids kept as text."""


@dataclass(frozen=True, slots=True)
class Mesure:
    """One column: how many values were looked at (not null, not empty), and how many of them look like what."""

    valeurs: int
    semblables: Mapping[str, int]

    def part(self, quoi: str) -> float:
        """Give the share of values that look so; 0 where none was looked at."""
        return self.semblables[quoi] / self.valeurs if self.valeurs else 0.0


def mesurer(bases: Bases, service: Service, table: Table) -> dict[str, Mesure]:
    """Count per text column what its values look like."""
    colonnes = [c for c in table.colonnes.values() if c.type_de_base in TEXTES and "SELECT" in c.droits]
    comptes = [sql.SQL("count(*) filter (where {c} <> '')")] + [
        sql.SQL("count(*) filter (where {c} ~ " + "{motif})") for _ in MOTIFS
    ]
    if not colonnes:
        return {}
    expressions = sql.SQL(", ").join(
        compte.format(c=_colonne(colonne), motif=sql.Literal(motif))
        for colonne in colonnes
        for compte, motif in zip(comptes, ("", *MOTIFS.values()), strict=True)
    )
    ligne = iter(_compter(bases, service, table, colonnes, expressions))
    return {c.nom: Mesure(next(ligne), {quoi: next(ligne) for quoi in MOTIFS}) for c in colonnes}


def orthographes(
    bases: Bases, service: Service, table: Table, colonne: Colonne
) -> tuple[int, dict[str, dict[str, int]]]:
    """Count which spellings of our statuses a text column uses: (values looked at, our status → spelling → count).

    Only spellings of our own vocabulary are looked for: a word of theirs that it does not have is counted, not read.
    """
    if "SELECT" not in colonne.droits:
        return 0, {}
    cherchees = [(statut, forme) for statut in STATUTS for forme in formes_ecrites(statut)]
    expressions = sql.SQL(", ").join(
        [
            sql.SQL("count(*) filter (where {} <> '')").format(_colonne(colonne)),
            *(
                sql.SQL("count(*) filter (where {} = {})").format(_colonne(colonne), sql.Literal(forme))
                for _, forme in cherchees
            ),
        ]
    )
    valeurs, *comptes = _compter(bases, service, table, [colonne], expressions)
    vues: dict[str, dict[str, int]] = {}
    for (statut, forme), compte in zip(cherchees, comptes, strict=True):
        if compte:
            vues.setdefault(statut, {})[forme] = compte
    return valeurs, vues


def _colonne(colonne: Colonne) -> sql.Composed:
    return sql.SQL("{}::text").format(sql.Identifier(colonne.nom))


def _compter(
    bases: Bases, service: Service, table: Table, colonnes: Iterable[Colonne], expressions: sql.Composable
) -> tuple[int, ...]:
    instruction = sql.SQL("select {expressions} from (select {colonnes} from {table} limit {limite}) as x").format(
        expressions=expressions,
        colonnes=sql.SQL(", ").join(sql.Identifier(c.nom) for c in colonnes),
        table=sql.Identifier(table.schema, table.nom),
        limite=sql.Literal(ECHANTILLON),
    )
    with bases.transaction(service) as connexion:
        connexion.execute("set transaction read only")
        connexion.execute("set local synchronize_seqscans = off")  # the same rows each time
        connexion.execute("set local statement_timeout = '30s'")
        ligne = connexion.execute(instruction).fetchone()
    return tuple(ligne or ())
