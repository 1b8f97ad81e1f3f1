"""What kind of value each field of ours holds, and which Postgres types can hold it.

Kinds, not types: a CRM may keep an amount as `numeric(12,2)` or `money`, an instant with or without zone. Whether a type
loses something is said in `verification`.
"""

from crm_sync.crm.inventaire import Colonne

TEXTE, ID, MONTANT, INSTANT, BOOLEEN, JSON = "texte", "id", "montant", "instant", "booleen", "json"

_GENRES = {
    **dict.fromkeys(("id", "manager_id", "utilisateur_id", "client_id", "commercial_id"), ID),
    **dict.fromkeys(("date_signature", "date_validation", "created_at", "updated_at"), INSTANT),
    "montant": MONTANT,
    "actif": BOOLEEN,
    "identity_card": JSON,
}
FERMES = ("statut", "role")
"""Fields whose words are a closed set of ours: an enum may hold them."""

TEXTES = frozenset({"text", "character varying", "character", "bpchar", "citext"})
ENTIERS = frozenset({"smallint", "integer", "bigint"})
HORODATAGES = frozenset({"timestamp with time zone", "timestamp without time zone"})
_TYPES = {
    TEXTE: TEXTES,
    ID: TEXTES | ENTIERS | {"uuid"},
    MONTANT: ENTIERS | {"numeric", "real", "double precision", "money"},
    INSTANT: HORODATAGES | {"date"},
    BOOLEEN: frozenset({"boolean"}),
    JSON: TEXTES | {"json", "jsonb"},
}


def genre(champ: str) -> str:
    """Give the kind of a field of ours; what is not said otherwise is text."""
    return _GENRES.get(champ, TEXTE)


def convient(champ: str, colonne: Colonne) -> bool:
    """Tell whether a column can hold a field of ours at all; an enum holds only fields of closed words."""
    if colonne.enum:
        return champ in FERMES
    return colonne.type_de_base in _TYPES[genre(champ)]
