"""What people decided about who is who, and where it leads: the first rule of *Matching*, before links and evidence.

A node is `client:ID` or `prospect:ID`. Nodes that decisions call the same are one class, chains and cycles included.
Where decisions contradict each other (a and b the same, b and c the same, a and c different), *same* holds: it is what
the CRM already shows.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

CLIENT, PROSPECT = "client:", "prospect:"
VERDICTS = ("meme", "different")
Suivants = Callable[[str], set[str]]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Pairs of nodes: `memes` (the first is the one to keep) and `differents`."""

    memes: tuple[tuple[str, str], ...] = ()
    differents: tuple[tuple[str, str], ...] = ()

    @classmethod
    def lues(cls, lignes: Iterable[tuple[str, str, str]]) -> Self:
        """Make them of rows (verdict, a, b).

        Raises:
            ValueError: a verdict that is neither `meme` nor `different`, or what is neither client nor prospect.
        """
        rangees: dict[str, list[tuple[str, str]]] = {verdict: [] for verdict in VERDICTS}
        for verdict, a, b in lignes:
            if verdict not in rangees:
                raise ValueError(f"verdict inconnu : {verdict}")
            if not all(noeud.startswith((CLIENT, PROSPECT)) for noeud in (a, b)):
                raise ValueError("une décision porte sur client:ID ou prospect:ID")
            rangees[verdict].append((a, b))
        return cls(tuple(rangees["meme"]), tuple(rangees["different"]))

    def classes(self) -> dict[str, tuple[str, ...]]:
        """Give each decided node the members of its class: those to keep first (tie: lowest id)."""
        gardes, autres = defaultdict(set), defaultdict(set)
        for a, b in self.memes:
            if a != b:
                gardes[b].add(a)
                autres[a].add(b)
        classes: dict[str, tuple[str, ...]] = {}
        for noeud in sorted({*gardes, *autres}):
            if noeud not in classes:
                membres = _atteints([noeud], lambda n: gardes[n] | autres[n])
                tetes = sorted(n for n in membres if not gardes[n]) or [min(membres)]
                ordre = tuple(_atteints(tetes, lambda n: autres[n]))
                ordre += tuple(sorted(set(membres) - set(ordre)))
                classes |= dict.fromkeys(ordre, ordre)
        return classes


def _atteints(depart: list[str], voisins: Suivants) -> list[str]:
    """List what is reached from these nodes, the nearest first, ids in order at equal distance."""
    vus, front = dict.fromkeys(depart), depart
    while front:
        front = sorted({n for noeud in front for n in voisins(noeud)} - vus.keys())
        vus |= dict.fromkeys(front)
    return list(vus)


class Verdicts:
    """Where the decisions lead, given who is in the CRM and who is linked.

    `liens`: source id → crm id, those links left out that a decision broke. `refus`: source id → clients that this
    prospect is decided not to be.
    """

    def __init__(
        self, decisions: Decisions, existants: Collection[str], liens: Mapping[str, str], connus: Collection[str]
    ) -> None:
        """`connus`: prospects that are not to be decided now, and so stay where they are."""
        self.classes = decisions.classes()
        self.liens = dict(liens)
        self._existants = existants
        self.differents = sorted({tuple(sorted((self.tete(a), self.tete(b)))) for a, b in decisions.differents})
        self.differents = [(a, b) for a, b in self.differents if a != b]
        self.refus: dict[str, set[str]] = defaultdict(set)
        self._rompre_les_liens()
        for a, b in self.differents:
            if self._client(a) == self._client(b) is not None:
                self._departager(a, b, connus)
        for a, b in self.differents:
            self._refuser(a, self._client(b))
            self._refuser(b, self._client(a))

    def tete(self, noeud: str) -> str:
        """Give the node that stands for the class of this one."""
        return self.membres(noeud)[0]

    def membres(self, noeud: str) -> tuple[str, ...]:
        """List the class of a node, the one to keep first."""
        return self.classes.get(noeud, (noeud,))

    def prospects(self, noeud: str) -> list[str]:
        """List the source ids in the class of a node."""
        return [n.removeprefix(PROSPECT) for n in self.membres(noeud) if n.startswith(PROSPECT)]

    def client(self, crm_id: str) -> str | None:
        """Give who a client is now, after merges; None where nobody of them is left in the CRM."""
        if not self.classes:
            return crm_id if crm_id in self._existants else None
        return self._client(CLIENT + crm_id)

    def decide(self, source_id: str) -> tuple[str | None, str | None]:
        """Give (`decision` or `lien`, client) of a prospect that a decision names; (None, None) where none answers."""
        noeud = PROSPECT + source_id
        if noeud not in self.classes:
            return None, None
        crm_id = self._client(noeud)
        if crm_id is None:
            return None, None
        nomme = any(n.startswith(CLIENT) for n in self.classes[noeud])
        return ("lien" if not nomme and self.liens.get(source_id) == crm_id else "decision"), crm_id

    def _client(self, noeud: str, vus: frozenset[str] = frozenset()) -> str | None:
        tete = self.tete(noeud)
        if tete in vus:
            return None
        for membre in self.membres(noeud):
            sorte, _, qui = membre.partition(":")
            if sorte == "client":
                trouve = qui if qui in self._existants else None
            else:
                lie = self.liens.get(qui)
                trouve = None if lie is None else self._client(CLIENT + lie, vus | {tete})
            if trouve is not None:
                return trouve
        return None

    def _rompre_les_liens(self) -> None:
        """Drop the links of prospects to clients that they are decided not to be."""
        for a, b in self.differents:
            for un, autre in ((a, b), (b, a)):
                for source_id in self.prospects(un):
                    if source_id in self.liens and self.tete(CLIENT + self.liens[source_id]) == autre:
                        self._refuser(un, self.liens.pop(source_id))

    def _departager(self, a: str, b: str, connus: Collection[str]) -> None:
        """Let one of two classes that a decision parts keep their common client; the other's links are broken.

        It is the one that a decision put there, then the one that is not to be decided now, then the lowest.
        """
        _, perdant = sorted((self._attaches(n, connus), n) for n in (a, b))
        if perdant[0][1]:
            crm_id = self._client(perdant[1])
            for source_id in self.prospects(perdant[1]):
                self.liens.pop(source_id, None)
            self._refuser(perdant[1], crm_id)

    def _attaches(self, noeud: str, connus: Collection[str]) -> tuple[bool, bool]:
        nomme = any(n.startswith(CLIENT) for n in self.membres(noeud))
        return not nomme, all(source_id not in connus for source_id in self.prospects(noeud))

    def _refuser(self, noeud: str, crm_id: str | None) -> None:
        if crm_id is not None:
            for source_id in self.prospects(noeud):
                self.refus[source_id].add(crm_id)
