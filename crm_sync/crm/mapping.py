"""The CRM's tables as the sync sees them: per entity its service, table, id and columns with their real types.

Only `snapshot` and `apply` (and the KPI, which reads the same tables) use these names. Identifiers go through
`psycopg.sql`, never into a statement as they are.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from psycopg import sql

from crm_sync.crm.connexion import Service

TEXTE = "text"
FORMES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {"uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")}
)
"""How Postgres prints the ids of a type."""


@dataclass(frozen=True, slots=True)
class TableCrm:
    """One table of the CRM: `colonnes` maps our field to (their column, its Postgres type).

    `modifie_a` is the column that holds when a row was last changed, whoever did it.
    """

    service: Service
    schema: str
    table: str
    type_id: str
    colonnes: Mapping[str, tuple[str, str]]
    modifie_a: str = "updated_at"

    @property
    def nom(self) -> sql.Composed:
        """The table's quoted name."""
        return sql.SQL("{}").format(sql.Identifier(self.schema, self.table))

    def ids(self, crm_ids: Iterable[str]) -> list[str]:
        """Keep what can be an id of this table: what a person typed, or a row names, may be anything."""
        forme = FORMES[self.type_id]
        return [crm_id for crm_id in crm_ids if forme.fullmatch(crm_id)]

    def colonne(self, champ: str) -> sql.Identifier:
        """Quote the column that holds a field of ours."""
        return sql.Identifier(self.colonnes[champ][0])

    def type(self, champ: str) -> sql.SQL:
        """Give the column's type, for a cast; types come from this declaration, never from data."""
        return sql.SQL(self.colonnes[champ][1])


def _colonnes(**types: str) -> Mapping[str, tuple[str, str]]:
    return MappingProxyType({champ: (champ, genre) for champ, genre in types.items()})


TABLES: Mapping[str, TableCrm] = MappingProxyType(
    {
        "utilisateur": TableCrm(
            "core",
            "service_core",
            "utilisateur",
            "uuid",
            _colonnes(email=TEXTE, nom=TEXTE, prenom=TEXTE, telephone=TEXTE, role=TEXTE, actif="boolean"),
        ),
        "client": TableCrm(
            "core",
            "service_core",
            "client_base",
            "uuid",
            _colonnes(nom=TEXTE, prenom=TEXTE, email=TEXTE, telephone=TEXTE, identity_card="jsonb"),
        ),
        "apporteur": TableCrm(
            "commercial",
            "service_commercial",
            "apporteur",
            "uuid",
            _colonnes(utilisateur_id="uuid", nom=TEXTE, prenom=TEXTE, email=TEXTE, telephone=TEXTE),
        ),
        "contrat": TableCrm(
            "commercial",
            "service_commercial",
            "contrat",
            "uuid",
            _colonnes(
                reference=TEXTE,
                description=TEXTE,
                statut=TEXTE,
                statut_source=TEXTE,
                type=TEXTE,
                fournisseur=TEXTE,
                produit=TEXTE,
                montant="numeric(12, 2)",
                date_signature="timestamptz",
                date_validation="timestamptz",
                document_url=TEXTE,
                audit_trail_url=TEXTE,
                client_id="uuid",
                commercial_id="uuid",
            ),
        ),
        "information_paiement": TableCrm(
            "finance",
            "service_finance",
            "information_paiement_bancaire",
            "uuid",
            _colonnes(client_id="uuid", iban=TEXTE, bic=TEXTE),
        ),
    }
)
