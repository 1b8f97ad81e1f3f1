"""The report on an answer of the endpoint: what is to mend, where, how often, and what to do; to be sent as it is.

What belongs here: counting what `source.parcours` sees and what `domain.flatten` would put aside, and the French of it.
Nothing is written anywhere and no value is shown: examples are shapes (`domain.masques.silhouette`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from crm_sync.domain.flatten import Element, aplatir
from crm_sync.domain.masques import silhouette
from crm_sync.source.client import Reponse
from crm_sync.source.lecture import decoder, lire_charge
from crm_sync.source.models import MODELES, RELATIONS
from crm_sync.source.parcours import Parcours
from crm_sync.source.phrases import EN_DOUBLE, GENRES, phrase

Recus = Sequence[tuple[str | None, bytes | memoryview]]
"""Elements as received, each with its idProspect, in the order of the answer."""


LIMITE = 500
"""Elements that a sync's own report looks at, at most: a tenth of a second, however many come."""


@dataclass(frozen=True, slots=True)
class Constat:
    """One finding: its kind, the JSON pointer of its first occurrence, how often, a masked sample, and what to do.

    `sur` is how many nodes it could have concerned, where that says something. Only what is `a_corriger` asks for an act.
    """

    genre: str
    chemin: str
    nombre: int
    exemple: str | None
    que_faire: str
    constat: str
    a_corriger: bool
    sur: int | None = None

    def en_json(self) -> dict[str, Any]:
        """Give the finding as `source check --json` prints it."""
        return {nom: getattr(self, nom) for nom in self.__slots__}


@dataclass(frozen=True, slots=True)
class Rapport:
    """All findings on `elements` elements, what is to mend first, of each kind the most frequent first."""

    elements: int
    recue_le: datetime
    constats: tuple[Constat, ...]

    @property
    def a_corriger(self) -> tuple[Constat, ...]:
        """Give what asks for an act."""
        return tuple(constat for constat in self.constats if constat.a_corriger)

    @property
    def message(self) -> str:
        """Say it in one sentence."""
        corriger, savoir = len(self.a_corriger), len(self.constats) - len(self.a_corriger)
        debut = f"{_accorder(self.elements, 'prospect lu', 'prospects lus')} : "
        fin = f" ; {_accorder(savoir, 'constat', 'constats')} à savoir." if savoir else "."
        if not corriger:
            return f"{debut}rien à corriger{fin}"
        return f"{debut}{_accorder(corriger, 'constat', 'constats')} à corriger{fin}"

    def en_json(self) -> dict[str, Any]:
        """Give the report as `source check --json` prints it."""
        constats = [constat.en_json() for constat in self.constats]
        return {"elements": self.elements, "constats": constats, "message": self.message}


@dataclass(slots=True)
class _Releve:
    """Counts per kind and subject: how often, and where and how it was first seen."""

    vus: dict[tuple[str, str], tuple[int, str, str | None]] = field(default_factory=dict)

    def noter(self, genre: str, sujet: str, chemin: str, exemple: str | None, fois: int = 1) -> None:
        nombre, premier, forme = self.vus.get((genre, sujet), (0, chemin, exemple))
        self.vus[genre, sujet] = (nombre + fois, premier, forme)


@dataclass(slots=True)
class Echantillon:
    """What a sync's own report looks at: the answer, and its new elements, evenly spread, all of them up to `LIMITE`.

    `corps_neuf`: the answer is not, byte for byte, the one before.
    """

    reponse: Reponse | None = None
    corps_neuf: bool = False
    recus: list[tuple[str | None, bytes]] = field(default_factory=list)
    vus: int = 0
    pas: int = 1

    def ajouter(self, id_prospect: str | None, charge: bytes) -> None:
        """See one more new element; where there are too many, every second of those kept goes."""
        if self.vus % self.pas == 0:
            if len(self.recus) == LIMITE:
                del self.recus[1::2]
                self.pas *= 2
            if self.vus % self.pas == 0:
                self.recus.append((id_prospect, charge))
        self.vus += 1

    def rapport(self) -> Rapport | None:
        """Examine what is new; None where nothing is."""
        if self.reponse is None or not self.recus:
            return None
        return examiner(self.recus, self.reponse.recue_le)

    def resume(self, rapport: Rapport | None) -> str:
        """Write the short report as Markdown."""
        if rapport is None:
            return "Rien de nouveau dans cette réponse."
        partie = self.vus > len(self.recus)
        debut = f"Échantillon de {len(self.recus)} des {self.vus} éléments nouveaux. " if partie else ""
        return debut + resumer(rapport)


def examiner(recus: Recus, recue_le: datetime) -> Rapport:
    """Examine the elements of an answer that passed the strict rules; `recue_le` is when it came.

    Grain: a prospect that came several times is judged once, by all its contents, as a sync does.
    """
    releve, parcours = _Releve(), Parcours(recue_le)
    if not recus:
        releve.noter("liste_vide", "", "", None)
    par_id: dict[str, list[int]] = {}
    for rang, (id_prospect, _) in enumerate(recus):
        par_id.setdefault(f"sha:{rang}" if id_prospect is None else f"id:{id_prospect}", []).append(rang)
    for cle, rangs in par_id.items():
        _prospect(cle, rangs, recus, recue_le, releve, parcours)
    constats = [
        constat
        for (genre, sujet), vu in releve.vus.items()
        if (constat := _constat(genre, sujet, vu, parcours.noeuds)) is not None
    ]
    ordre = list(GENRES)
    constats.sort(key=lambda c: (not c.a_corriger, ordre.index(c.genre), -c.nombre, c.chemin))
    return Rapport(len(recus), recue_le, tuple(constats))


def _prospect(
    cle: str, rangs: list[int], recus: Recus, recue_le: datetime, releve: _Releve, parcours: Parcours
) -> None:
    """Examine one prospect of the answer, with every copy of it."""
    contenus = Counter(bytes(recus[rang][1]) for rang in rangs)
    premiers = dict(reversed([(bytes(recus[rang][1]), rang) for rang in rangs]))
    lot = aplatir([Element(cle, "", [(lire_charge(charge), fois) for charge, fois in contenus.items()], recue_le)])
    premier = _decoder(next(iter(contenus)))
    ecartes: set[str] = set()
    for _, _, entite, _, chemin, motif, noeuds in lot.rejets:
        ou = _chemin_reel(premier, "" if chemin == "/" else chemin or "")
        genre, sujet = ("prospect_en_double", motif) if motif == EN_DOUBLE else ("mis_de_cote", f"{entite}:{motif}")
        ecartes.add(ou)
        exemple = None if motif in {"parent_ecarte", EN_DOUBLE} else _exemple(premier, ou)
        releve.noter(genre, sujet, f"/{rangs[0]}{ou}", exemple, int(noeuds or 1))
    if len(rangs) > len(contenus) == 1:
        releve.noter("prospect_en_double", "identique", f"/{rangs[1]}/idProspect", None, len(rangs))
    if any(commercial[5] is None for commercial in lot.commerciaux):
        releve.noter("mis_de_cote", "commerciaux:commercial_sans_email", f"/{rangs[0]}/commercial/email", None)
    for charge, fois in contenus.items():
        rang = premiers[charge]
        for vu in parcours.element(_decoder(charge)):
            if not (vu.genre == "type" and vu.chemin in ecartes):
                releve.noter(vu.genre, vu.sujet, f"/{rang}{vu.chemin}", vu.exemple, fois)


def _decoder(charge: bytes) -> Any:
    try:
        return msgspec.json.decode(charge)
    except msgspec.DecodeError:  # what msgspec refuses and strict JSON allows, such as a lone surrogate
        return decoder(charge)


def _chemin_reel(element: Any, chemin: str) -> str:
    """Give the pointer that exists in the element: the reader says `/0` also of what stands alone where a list should."""
    valeur, reel = element, ""
    for pas in chemin.split("/")[1:]:
        if isinstance(valeur, list):
            valeur = valeur[int(pas)] if pas.isdigit() and int(pas) < len(valeur) else None
        elif pas == "0":
            continue
        else:
            valeur = valeur.get(pas) if isinstance(valeur, dict) else None
        reel += f"/{pas}"
    return reel


def _exemple(element: Any, chemin: str) -> str | None:
    valeur = element
    for pas in chemin.split("/")[1:]:
        if isinstance(valeur, dict) and pas not in valeur:
            return None  # nothing stands there
        valeur = valeur[int(pas)] if isinstance(valeur, list) else valeur[pas]
    return silhouette(valeur)


def _constat(genre: str, sujet: str, vu: tuple[int, str, str | None], noeuds: Counter[str]) -> Constat | None:
    """Make the finding of a count; None for a key whose absence costs nothing."""
    nombre, chemin, exemple = vu
    nom, _, cle = sujet.partition(".")
    sur = noeuds[nom] if genre in {"cle_absente", "updatedAt_absent"} else None
    a_corriger = GENRES[genre].a_corriger
    if genre == "cle_absente" and cle not in MODELES[nom].NECESSAIRES:
        libre = cle in MODELES[nom].FACULTATIVES
        if nombre != sur and (libre or cle in RELATIONS.get(MODELES[nom], {})):
            return None
        a_corriger = not libre
    texte, que_faire = phrase(genre, sujet)
    return Constat(genre, chemin, nombre, exemple, que_faire, texte, a_corriger, sur)


def markdown(rapport: Rapport, quand: str) -> str:
    """Write the report so that it can be sent as it is; `quand` tells when the answer came."""
    parties = ["# Rapport sur le point d'accès des prospects", f"Réponse du {quand}. {rapport.message}"]
    for titre, retenus in (
        ("À corriger", rapport.a_corriger),
        ("À savoir", tuple(c for c in rapport.constats if not c.a_corriger)),
    ):
        if retenus:
            parties += [f"## {titre}", *_sections(retenus)]
    parties.append(
        "« Où » est le pointeur JSON (RFC 6901) de la première fois, depuis la liste. Aucune valeur n'est montrée, "
        "sinon un mot de statut : d'un exemple, chaque lettre est remplacée par A ou a, chaque chiffre par 9. La forme attendue "
        "est donnée par « crm-sync source spec » (OpenAPI 3.1)."
    )
    return "\n\n".join(parties) + "\n"


def _sections(constats: Sequence[Constat]) -> Iterator[str]:
    for genre, (titre, _) in GENRES.items():
        if lignes := [_ligne(constat) for constat in constats if constat.genre == genre]:
            yield f"### {titre}"
            yield "\n".join(["| quoi | combien | où | exemple | que faire |", "|---|---|---|---|---|", *lignes])


def _ligne(constat: Constat) -> str:
    combien = str(constat.nombre) if constat.sur is None else f"{constat.nombre} sur {constat.sur}"
    exemple = _code(constat.exemple) if constat.exemple else ""
    return f"| {constat.constat} | {combien} | {_code(constat.chemin or '/')} | {exemple} | {constat.que_faire} |"


def _code(texte: str) -> str:
    """Write a text as code within a cell of a table."""
    return f"`{texte.replace('`', '·')}`".replace("|", "\\|")


def resumer(rapport: Rapport, montres: int = 8) -> str:
    """Write the report in short, counts only: one line per finding, the first ones."""
    lignes = [rapport.message, ""]
    lignes += [f"- {constat.constat} ({constat.nombre})" for constat in rapport.constats[:montres]]
    if len(rapport.constats) > montres:
        lignes.append(f"- … et {len(rapport.constats) - montres} autres")
    if rapport.constats:
        lignes += ["", "`crm-sync source check` donne tout, avec où et que faire."]
    return "\n".join(lignes)


def _accorder(nombre: int, un: str, plusieurs: str) -> str:
    return f"{nombre} {un if nombre < 2 else plusieurs}"  # noqa: PLR2004  French: zero is singular
