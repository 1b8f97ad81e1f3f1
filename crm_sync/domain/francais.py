"""Numbers, counts and instants as French people write them: one way for terminals, Dagster and messages."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def heure(instant: datetime | None) -> str:
    """Write an instant for a person in Paris."""
    if instant is None:
        return ""
    try:
        local = instant.astimezone(PARIS)
    except OverflowError:  # the last hour of the year 9999, which a source writes for "for ever"
        local = instant
    return local.strftime("%d/%m/%Y %H:%M")


def instant(texte: str) -> str:
    """Write an instant that is text as Postgres prints it; what no calendar has (infinity, before Christ) is *sans date*."""
    try:
        return heure(datetime.fromisoformat(texte))
    except ValueError:
        return "sans date"


def nombre(valeur: float | Decimal) -> str:
    """Write a number the French way: thin spaces between thousands, a comma for decimals."""
    texte = f"{valeur:,.2f}" if isinstance(valeur, Decimal) else f"{valeur:,}"
    return texte.replace(",", "\u202f").replace(".", ",")


def compte(combien: int, mots: str) -> str:
    """Write a number and what it counts, in the plural where it is one: `2 doublons possibles`."""
    accord = " ".join(f"{mot}s" for mot in mots.split()) if combien > 1 else mots
    return f"{nombre(combien)} {accord}"
