"""The whole chain once more, slow and obvious, in memory: one prospect, one field at a time.

For worlds in which every prospect is a person of their own: who is who among several has an oracle of its own
(`domain.oracle_identite`). Field by field it asks `domain.oracle_fusion`. Texts are as Postgres prints them; people and
sales reps are known by name, not by id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_sync.domain.types import CHAMPS
from crm_sync_tests.domain.oracle_fusion import juger, temps_source

Valeurs = dict[str, str | None]
NON_ATTRIBUE = "Non attribué"


@dataclass
class Noeud:
    """What the source says of one thing: its values, its own time, and whose it is."""

    valeurs: Valeurs
    modifie_a: str
    prospect: str

    @property
    def contenu(self) -> str:
        return repr((self.valeurs, self.modifie_a))


@dataclass
class Ligne:
    """A CRM row: its values, and when a person last wrote it (None: a sync did)."""

    valeurs: Valeurs
    modifie_crm: str | None = None


@dataclass
class Lien:
    """What was last applied of a node, and what was seen of its row then."""

    contenu: str | None
    modifie_a: str
    source_le: str
    base: Valeurs
    vu: dict[str, Any] = field(default_factory=dict)


@dataclass
class OracleChaine:
    """A CRM in memory, by entity and source node; `rejets` of the last sync as (entity, node, motif)."""

    crm: dict[str, dict[str, Ligne]] = field(default_factory=lambda: {e: {} for e in ENTITES})
    liens: dict[str, dict[str, Lien]] = field(default_factory=lambda: {e: {} for e in ENTITES})
    rejets: set[tuple[str, str, str]] = field(default_factory=set)
    passages: list[str] = field(default_factory=list)

    def synchroniser(self, recus: Mapping[str, Mapping[str, Noeud]], maintenant: str) -> None:
        """One sync of these nodes, by entity; what they lack is left as it is."""
        self.rejets = set()
        tenus = {q for q, noeud in recus["client"].items() if self._client(q, noeud, maintenant)}
        for entite in ("contrat", "information_paiement"):
            for qui, noeud in recus[entite].items():
                ancien = self._ancien("client", noeud.prospect, recus["client"][noeud.prospect])
                self._attache(entite, qui, noeud, tenu=noeud.prospect in tenus, ancien=ancien, maintenant=maintenant)

    def _client(self, qui: str, noeud: Noeud, maintenant: str) -> bool:
        """Decide a prospect; tells whether what hangs on it can be decided."""
        lien = self.liens["client"].get(qui)
        if self._ancien("client", qui, noeud):
            return qui in self.crm["client"]
        if lien is not None and qui not in self.crm["client"]:
            self.rejets.add(("clients", qui, "client_supprime"))
            self.passages.append("client_supprime")
            return False
        self._decider("client", qui, noeud, noeud.valeurs, maintenant)
        return True

    def _attache(self, entite: str, qui: str, noeud: Noeud, *, tenu: bool, ancien: bool, maintenant: str) -> None:
        """Decide a contract or bank details: with its client, or not at all."""
        lien = self.liens[entite].get(qui)
        if self._ancien(entite, qui, noeud) or (lien is not None and lien.contenu == noeud.contenu):
            return
        if not tenu:
            self.rejets.add((RECUS[entite], noeud.prospect, "client_ecarte"))
            self.passages.append("client_ecarte")
            return
        if lien is not None and qui not in self.crm[entite]:
            self.rejets.add((RECUS[entite], noeud.prospect, "ligne_supprimee"))
            self.passages.append("ligne_supprimee")
            return
        valeurs = {**noeud.valeurs, "client_id": noeud.prospect}
        if entite == "contrat" and lien is None:
            valeurs["commercial_id"] = valeurs["commercial_id"] or NON_ATTRIBUE
        elif entite == "contrat" and ancien and lien is not None:
            valeurs["commercial_id"] = lien.base["commercial_id"]
        self._decider(entite, qui, noeud, valeurs, maintenant)

    def _ancien(self, entite: str, qui: str, noeud: Noeud) -> bool:
        """Whether this is an older version than the one applied: nothing of it is."""
        lien = self.liens[entite].get(qui)
        ancien = lien is not None and noeud.modifie_a < lien.modifie_a
        if ancien:
            self.passages.append("ancienne")
        return ancien

    def _decider(self, entite: str, qui: str, noeud: Noeud, valeurs: Valeurs, maintenant: str) -> None:
        champs = CHAMPS[entite]
        dits = {c.nom: valeurs.get(c.nom) for c in champs}
        lien = self.liens[entite].get(qui)
        temps: dict[str, str | None] = {
            "source_id": qui,
            "modifie_a": noeud.modifie_a,
            "vu_le": maintenant,
            "empreinte": noeud.contenu,
            "lien_empreinte": lien.contenu if lien else None,
            "lien_modifie_a": lien.modifie_a if lien else None,
            "lien_source_le": lien.source_le if lien else None,
        }
        if lien is None:
            self.crm[entite][qui] = Ligne(dict(dits))
            self.liens[entite][qui] = Lien(noeud.contenu, noeud.modifie_a, noeud.modifie_a, dits)
            self.passages.append(f"creation {entite}")
            return
        if lien.contenu == noeud.contenu:
            return
        ligne = self.crm[entite][qui]
        verdict = juger(
            [{**temps, **dits, "vu": _json(lien.vu), **{f"base_{c.nom}": lien.base[c.nom] for c in champs}}],
            {
                **{f"crm_{c.nom}": ligne.valeurs[c.nom] for c in champs},
                "modifie_crm": ligne.modifie_crm,
                "notre_ecriture": "true" if ligne.modifie_crm is None else "false",
            },
            champs,
            maintenant,
        )
        self.passages += verdict.lignes_de_la_table
        if verdict.ecrits:
            ligne.valeurs |= verdict.ecrits
            ligne.modifie_crm = None
        self.liens[entite][qui] = Lien(noeud.contenu, noeud.modifie_a, temps_source(temps), verdict.base, verdict.vu)


ENTITES = ("client", "contrat", "information_paiement")
RECUS = {"contrat": "contrats", "information_paiement": "informations_paiement"}


def _json(vu: Mapping[str, Any]) -> str | None:
    from json import dumps

    return dumps(vu) if vu else None
