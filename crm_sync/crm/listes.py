"""Lists of texts on their way to Postgres as arrays: ids and keys, often tens of thousands in one parameter."""

from typing import Any

from psycopg.abc import Buffer
from psycopg.types.array import ListDumper

SEPARATEUR = "\0"
"""What no text of Postgres holds: it stands between two elements until the quotes do."""


class TextesDumper(ListDumper):
    """Writes a list of texts in a few steps over all of it; the driver's own takes several for each element.

    Any other list, and one that no array can hold, is the driver's to write or to refuse.
    """

    def dump(self, obj: list[Any]) -> Buffer | None:
        """Write the array as Postgres reads it, every element quoted: `{"a","b"}`."""
        if self.sub_dumper is None or set(map(type, obj)) != {str}:
            return super().dump(obj)
        tout = SEPARATEUR.join(obj)
        if tout.count(SEPARATEUR) != len(obj) - 1:
            return super().dump(obj)
        cites = tout.replace("\\", r"\\").replace('"', r"\"").replace(SEPARATEUR, '","')
        return self.sub_dumper.dump(f'{{"{cites}"}}')
