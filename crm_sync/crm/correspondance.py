"""The CRM's tables as the sync sees them: per entity its service, table and columns, built-in or an existing CRM's.

What is known of each table, and of statements only how one is filled in with them: how a table is read is in `relations`, how
it is written in `apply`. An existing CRM's tables come from a file (`mapping`), their real types from the live catalogue
(`catalogue`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from psycopg import sql

from crm_sync.crm.relations import relation
from crm_sync.crm.requetes import requete
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    from crm_sync.crm.connexion import Service

TypeId = Literal["uuid", "int"]

TEXTE = "text"
UUID = "uuid"
INSTANT = "timestamptz"
DATES = {"created_at": INSTANT, "updated_at": INSTANT}
CHAMPS_CRM: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "utilisateur": {
            "id": UUID,
            **dict.fromkeys(("email", "nom", "prenom", "telephone", "role"), TEXTE),
            "manager_id": UUID,
            "actif": "boolean",
            **DATES,
        },
        "client": {
            "id": UUID,
            **dict.fromkeys(("nom", "prenom", "email", "telephone", "statut"), TEXTE),
            "identity_card": "jsonb",
            **DATES,
        },
        "apporteur": {
            "id": UUID,
            "utilisateur_id": UUID,
            **dict.fromkeys(("nom", "prenom", "email", "telephone"), TEXTE),
            **DATES,
        },
        "contrat": {
            "id": UUID,
            **dict.fromkeys(
                ("reference", "description", "statut", "statut_source", "type", "fournisseur", "produit"), TEXTE
            ),
            "montant": "numeric(12, 2)",
            "date_signature": INSTANT,
            "date_validation": INSTANT,
            "document_url": TEXTE,
            "audit_trail_url": TEXTE,
            "client_id": UUID,
            "commercial_id": UUID,
            **DATES,
        },
        "information_paiement": {"id": UUID, "client_id": UUID, "iban": TEXTE, "bic": TEXTE, **DATES},
    }
)
"""Our fields of each entity with the types that they have in the built-in tables: contract.md, *CRM tables*."""

SERVICES_CRM: Mapping[str, "Service"] = MappingProxyType(
    {
        "utilisateur": "core",
        "client": "core",
        "apporteur": "commercial",
        "contrat": "commercial",
        "information_paiement": "finance",
    }
)
FORMES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {"uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "bigint": re.compile(r"0|-?[1-9][0-9]{0,17}")}
)
"""How Postgres prints the ids of a type; as text anything may be one."""

FAMILLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("utilisateur", "manager_id"): "utilisateur",
        ("apporteur", "utilisateur_id"): "utilisateur",
        ("contrat", "client_id"): "client",
        ("contrat", "commercial_id"): "apporteur",
        ("information_paiement", "client_id"): "client",
        **{(entite, "id"): entite for entite in SERVICES_CRM},
    }
)
"""Whose id a field holds: all columns of one family are read as one type, so that they can be joined."""


Libelles = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Entity → their column of an enum → its labels."""


@dataclass(frozen=True, slots=True)
class TableCrm:
    """One table of the CRM.

    `colonnes` maps our field to their column; a field without an entry is neither read nor written. `valeurs`: field → our word
    → theirs; of several of ours that share one of theirs the first is what theirs is read as. `insert`: their column → constant,
    for new rows only. `deleted_at`: their column that marks a row as deleted. `write`: the fields that we may update in existing
    rows, None for all. `increment`: their counters that each update of ours moves on. `timezone`: what their timestamps without
    zone mean, `fuseau_dit` whether the file says so. `types` (their column → real type), `libelles` (their column of an enum
    → its labels) and `obligatoires` (their columns that must have a value → their default, None without) are the catalogue's;
    empty until it is read. `types_id`: our field that holds an id → the type that it is read as.
    """

    entite: str
    service: "Service"
    schema: str
    table: str
    type_id: TypeId
    colonnes: Mapping[str, str]
    valeurs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    insert: Mapping[str, Any] = field(default_factory=dict)
    deleted_at: str | None = None
    write: frozenset[str] | None = None
    increment: tuple[str, ...] = ()
    timezone: str = "UTC"
    fuseau_dit: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    libelles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    obligatoires: Mapping[str, str | None] = field(default_factory=dict)
    types_id: Mapping[str, str] = field(default_factory=dict)

    @property
    def nom(self) -> sql.Identifier:
        """The table's quoted name."""
        return sql.Identifier(self.schema, self.table)

    @property
    def champs(self) -> tuple[str, ...]:
        """Our fields that a plan may write here: those shared with the source that have a column."""
        return tuple(c.nom for c in CHAMPS[self.entite] if c.nom in self.colonnes)

    @property
    def relation(self) -> sql.Composed:
        """The table as a sub-select with our names and types, for a `from` (see `relations`)."""
        return relation(self, CHAMPS_CRM[self.entite])

    @property
    def necessaires(self) -> tuple[str, ...]:
        """Their columns that a sync reads or writes, each once, in the order of the file."""
        supprime = (self.deleted_at,) if self.deleted_at else ()
        return tuple(dict.fromkeys((*self.colonnes.values(), *self.insert, *supprime, *self.increment)))

    @property
    def exiges(self) -> tuple[str, ...]:
        """Our fields without which a row of theirs cannot be made: their column must have a value and gives none itself."""
        return tuple(c for c in self.champs if self.obligatoires.get(self.colonnes[c], "") is None)

    def a(self, champ: str) -> bool:
        """Tell whether the CRM has a column for this field of ours."""
        return champ in self.colonnes

    def ids(self, crm_ids: Iterable[str]) -> list[str]:
        """Keep what can be an id of this table: what a person typed, or a row names, may be anything."""
        forme = FORMES.get(self.types_id["id"])
        return [crm_id for crm_id in crm_ids if forme is None or forme.fullmatch(crm_id)]

    def colonne(self, champ: str) -> sql.Identifier:
        """Quote the column that holds a field of ours."""
        return sql.Identifier(self.colonnes[champ])

    def type(self, champ: str) -> str:
        """Give the real type of the column that holds a field of ours."""
        return self.types[self.colonnes[champ]]

    def genre(self, champ: str) -> str:
        """Give the type that a field of ours is read as."""
        return self.types_id.get(champ, CHAMPS_CRM[self.entite][champ])

    @property
    def types_enum(self) -> frozenset[str]:
        """The real types that are enums: their labels are compared word by word."""
        return frozenset(self.types[colonne] for colonne in self.libelles)

    def modifiable(self, champ: str) -> bool:
        """Tell whether we may update this field in existing rows."""
        return self.a(champ) and (self.write is None or champ in self.write)


@dataclass(frozen=True)
class Correspondance(Mapping[str, TableCrm]):
    """Entity → its table in the CRM. `integree`: the built-in tables, made by our migrations."""

    tables: Mapping[str, TableCrm]
    integree: bool = False

    def __getitem__(self, entite: str) -> TableCrm:
        return self.tables[entite]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @cached_property
    def relations(self) -> dict[str, sql.Composed]:
        """Give what the statements of sql/ are filled in with: `{contrat}`, `{client}`, and so on."""
        return {entite: table.relation for entite, table in self.tables.items()}

    @cached_property
    def types_des_ids(self) -> dict[str, sql.SQL]:
        """Give the types that ids are read as, for the same statements: `{type_contrat}`, `{type_client}`, and so on."""
        return {f"type_{entite}": sql.SQL(table.types_id["id"]) for entite, table in self.tables.items()}

    def composer(self, nom: str, **parties: sql.Composable) -> sql.Composed:
        """Fill in a statement of sql/ (`file.name`): the CRM's tables and the types of ids that it names, and these parts."""
        texte: Any = requete(nom).decode()
        return sql.SQL(texte).format(**self.relations, **self.types_des_ids, **parties)

    @property
    def service_kpi(self) -> "Service":
        """The service whose database holds the KPI tables."""
        return "commercial" if self.integree else "sync"

    @property
    def schema_kpi(self) -> str:
        """The schema of the KPI tables: in an existing CRM nothing is made outside our own."""
        return "service_commercial" if self.integree else "crm_sync"

    def avec_les_types(
        self,
        types: Mapping[str, Mapping[str, str]],
        libelles: Libelles = MappingProxyType({}),
        obligatoires: Mapping[str, Mapping[str, str | None]] = MappingProxyType({}),
    ) -> "Correspondance":
        """Complete the tables with what the catalogue says of each entity's (see `TableCrm`)."""
        tables = {
            entite: replace(
                table,
                types=types[entite],
                libelles=libelles.get(entite, {}),
                obligatoires=obligatoires.get(entite, {}),
            )
            for entite, table in self.tables.items()
        }
        return replace(self, tables=_avec_les_familles(tables))


ENTIERS = frozenset({"smallint", "integer", "bigint"})


def _avec_les_familles(tables: Mapping[str, TableCrm]) -> Mapping[str, TableCrm]:
    """Choose per family of ids the type that they are read as: the real one where all agree, else text."""
    reels: dict[str, set[str]] = {}
    for (entite, champ), famille in FAMILLES.items():
        if tables[entite].a(champ):
            reel = tables[entite].type(champ)
            reels.setdefault(famille, set()).add("bigint" if reel in ENTIERS else reel)
    lus = {
        famille: genre if len(genres) == 1 and (genre := next(iter(genres))) in {"bigint", UUID} else TEXTE
        for famille, genres in reels.items()
    }
    return MappingProxyType(
        {
            entite: replace(
                table,
                types_id={
                    champ: lus[famille]
                    for (autre, champ), famille in FAMILLES.items()
                    if autre == entite and famille in lus
                },
            )
            for entite, table in tables.items()
        }
    )


def _integrees() -> Correspondance:
    """Describe the built-in tables: our names, our types."""
    noms = {"client": "client_base", "information_paiement": "information_paiement_bancaire"}
    reels = {INSTANT: "timestamp with time zone", "numeric(12, 2)": "numeric(12,2)"}
    tables = {
        entite: TableCrm(
            entite,
            service,
            f"service_{service}",
            noms.get(entite, entite),
            "uuid",
            {champ: champ for champ in CHAMPS_CRM[entite]},
        )
        for entite, service in SERVICES_CRM.items()
    }
    types = {
        entite: {champ: reels.get(genre, genre) for champ, genre in champs.items()}
        for entite, champs in CHAMPS_CRM.items()
    }
    return Correspondance(tables, integree=True).avec_les_types(types)


INTEGREE = _integrees()
"""The built-in tables, of who has no CRM yet."""
