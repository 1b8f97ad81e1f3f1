"""Instants as Prisma writes them, and the calendar of the reference source.

An instant is an `int` of milliseconds since 1970 in UTC until it is written. Nothing reads the clock: every
date is before 1 November 2026 and the same on every day the generator runs.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SECONDE = 1_000
MINUTE = 60 * SECONDE
HEURE = 60 * MINUTE
JOUR = 24 * HEURE

_ORIGINE = date(1970, 1, 1)
_PARIS = ZoneInfo("Europe/Paris")


def _ms(annee: int, mois: int, jour: int, heure: int = 0) -> int:
    return int(datetime(annee, mois, jour, heure, tzinfo=UTC).timestamp()) * SECONDE


DEBUT_MS = _ms(2023, 1, 2)
"""No prospect was created earlier."""

EPOQUE_MS = _ms(2026, 9, 1, 6)
"""When the first answer (round 0) is given: nothing in it is later."""


def moment_du_tour(tour: int) -> int:
    """Give the instant of a round: one round an hour from the epoch."""
    return EPOQUE_MS + tour * HEURE


@cache
def _jour(numero: int) -> str:
    return (_ORIGINE + timedelta(days=numero)).isoformat()


def instant(ms: int) -> str:
    """Write an instant with three digits and Z: `2025-01-31T09:12:44.125Z`."""
    jour, reste = divmod(ms, JOUR)
    secondes, milli = divmod(reste, SECONDE)
    minutes, seconde = divmod(secondes, 60)
    heure, minute = divmod(minutes, 60)
    return f"{_jour(jour)}T{heure:02}:{minute:02}:{seconde:02}.{milli:03}Z"


def date_pure(ms: int) -> str:
    """Write the day as a `@db.Date` column gives it: midnight UTC."""
    return f"{_jour(ms // JOUR)}T00:00:00.000Z"


def minuit_de_paris(ms: int) -> str:
    """Write the day as a midnight in Paris: 22:00Z in summer, 23:00Z in winter, of the day before."""
    return _minuit_de_paris(ms // JOUR)


@cache
def _minuit_de_paris(numero: int) -> str:
    jour = _ORIGINE + timedelta(days=numero)
    minuit = datetime(jour.year, jour.month, jour.day, tzinfo=_PARIS).astimezone(UTC)
    return f"{minuit:%Y-%m-%dT%H}:00:00.000Z"
