"""*The most recent wins* once more, slow and obvious: one CRM row, one field at a time, real instants instead of texts.

Shares nothing with what it judges save the canonical form of a value (see `oracle`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_sync.domain.types import Champ
from crm_sync_tests.domain.oracle import groupes, memes_valeurs

Ligne = Mapping[str, str | None]


@dataclass
class Verdict:
    """What becomes of one CRM row: the entries of `champs`, the decided conflicts, what to remember, the lines that fired."""

    entrees: dict[str, dict[str, str | None]] = field(default_factory=dict)
    conflits: int = 0
    vu: dict[str, dict[str, str | None]] = field(default_factory=dict)
    base: dict[str, str | None] = field(default_factory=dict)
    lignes_de_la_table: list[str] = field(default_factory=list)

    @property
    def ecrits(self) -> dict[str, str | None]:
        return {nom: e["apres"] for nom, e in self.entrees.items() if e["gagnant"] == "source"}


def temps_source(noeud: Ligne) -> str:
    inchange = noeud["lien_empreinte"] is not None and noeud["empreinte"] == noeud["lien_empreinte"]
    if inchange and noeud["lien_source_le"] is not None:
        return noeud["lien_source_le"]
    if noeud["modifie_a"] is not None and noeud["modifie_a"] != noeud["lien_modifie_a"]:
        return noeud["modifie_a"]
    assert noeud["vu_le"] is not None
    return noeud["vu_le"]


def juger(noeuds: Sequence[Ligne], crm: Ligne, champs: Sequence[Champ], maintenant: str) -> Verdict:
    """Decide one CRM row, group by group."""
    verdict = Verdict()
    for groupe in groupes(champs):
        noms = [champ.nom for champ in groupe]
        parlants = [n for n in noeuds if any(n[nom] is not None for nom in noms)]
        bases = [n for n in noeuds if any(n[f"base_{nom}"] is not None for nom in noms)]
        voix = _dernier(parlants, temps_source)
        lien = _dernier(bases, lambda n: n["lien_source_le"])
        dit = {nom: voix[nom] if voix else None for nom in noms}
        base = {nom: lien[f"base_{nom}"] if lien else None for nom in noms}
        if voix:
            _juger_groupe(verdict, groupe, voix, dit, base if lien else None, noeuds, crm, maintenant)
        else:
            verdict.lignes_de_la_table.append("muette")
        for champ in groupe:
            nom = champ.nom
            verdict.base[nom] = base[nom] if dit[nom] is None else dit[nom]
            if nom not in verdict.ecrits and not memes_valeurs(crm[f"crm_{nom}"], verdict.base[nom], champ):
                verdict.vu[nom] = {"valeur": crm[f"crm_{nom}"], "le": _temps_crm(noeuds, crm, champ, maintenant)}
    return verdict


def _juger_groupe(verdict, groupe, voix, dit, base, noeuds, crm, maintenant) -> None:
    ecarts = [c for c in groupe if dit[c.nom] is not None and not memes_valeurs(dit[c.nom], crm[f"crm_{c.nom}"], c)]
    source_le: str | None = temps_source(voix)
    crm_le: str | None = None
    conflit = False
    if base is None:
        if not ecarts:
            regle = "rencontre, la même"
        elif all(crm[f"crm_{c.nom}"] is None for c in ecarts):
            regle = "vide"
        else:
            regle, conflit = "premiere_rencontre", True
            source_le = voix["modifie_a"]
            crm_le = _modifie_reel(crm)
    else:
        source_change = any(dit[c.nom] is not None and not memes_valeurs(dit[c.nom], base[c.nom], c) for c in groupe)
        crm_changes = [c for c in groupe if not memes_valeurs(crm[f"crm_{c.nom}"], base[c.nom], c)]
        if not source_change:
            regle = "le CRM" if crm_changes else "personne"
            ecarts = []
        elif not crm_changes:
            regle = "source"
        elif not ecarts:
            regle = "les deux, la même"
        else:
            regle, conflit = "plus_recent", True
            crm_le = max((_temps_crm(noeuds, crm, c, maintenant) for c in crm_changes), key=_instant)
    gagne = not conflit or _plus_tard(source_le, crm_le)
    if conflit:
        verdict.conflits += 1
        sans_heure = source_le is None or crm_le is None
        egal = not sans_heure and _instant(source_le) == _instant(crm_le)
        quoi = "sans heure" if sans_heure else "à égalité" if egal else "gagne" if gagne else "perd"
        verdict.lignes_de_la_table.append(f"{regle}, {quoi}")
    else:
        verdict.lignes_de_la_table.append(regle)
    for champ in ecarts:
        avant = crm[f"crm_{champ.nom}"]
        verdict.entrees[champ.nom] = {
            "avant": avant,
            "apres": dit[champ.nom] if gagne else avant,
            "regle": regle,
            "gagnant": "source" if gagne else "crm",
            **({"perdant": avant if gagne else dit[champ.nom]} if conflit else {}),
            "source_id": voix["source_id"],
            "source_le": source_le,
            "crm_le": crm_le,
        }


def _temps_crm(noeuds: Sequence[Ligne], crm: Ligne, champ: Champ, maintenant: str) -> str:
    souvenirs = [json.loads(n["vu"])[champ.nom] for n in noeuds if n["vu"] and champ.nom in json.loads(n["vu"])]
    memes = [s["le"] for s in souvenirs if memes_valeurs(s["valeur"], crm[f"crm_{champ.nom}"], champ)]
    return min(memes, key=_instant) if memes else _modifie_reel(crm) or maintenant


def _modifie_reel(crm: Ligne) -> str | None:
    return None if crm["notre_ecriture"] == "true" else crm["modifie_crm"]


def _dernier(noeuds, temps) -> Ligne | None:
    if not noeuds:
        return None
    dates = [_instant(temps(n)) for n in noeuds if temps(n) is not None]
    derniers = [n for n in noeuds if temps(n) is not None and _instant(temps(n)) == max(dates)] if dates else noeuds
    return min(derniers, key=lambda n: n["source_id"])


def _plus_tard(a: str | None, b: str | None) -> bool:
    return a is not None and b is not None and _instant(a) > _instant(b)


def _instant(texte: str) -> datetime:
    return datetime.fromisoformat(texte)
