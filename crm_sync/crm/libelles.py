"""What a CRM row is called for a person: `contrat:REF`, `client:ID`, a sales rep by name; never a client's name.

What is given is what the commands take: `crm-sync why contrat:REF`, `crm-sync client client:ID`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_sync.crm.connexion import Bases
from crm_sync.domain.phrases import ENTITES

DEBUT = 8
"""Characters shown of an id that no command takes."""
PERSONNES = frozenset({"commercial_id"})
"""Fields that hold a sales rep's id: shown by name."""


@dataclass(frozen=True, slots=True)
class Libelles:
    """`contrats`: CRM id → reference; `commerciaux`: apporteur's id → name."""

    contrats: Mapping[str, str]
    commerciaux: Mapping[str, str]

    def cible(self, entite: str, crm_id: str) -> str:
        """Name a row so that a command takes it, where one does."""
        if entite == "contrat" and crm_id in self.contrats:
            return f"contrat:{self.contrats[crm_id]}"
        if entite == "client":
            return f"client:{crm_id}"
        if entite == "apporteur" and self.commerciaux.get(crm_id):
            return f"commercial {self.commerciaux[crm_id]}"
        return f"{ENTITES[entite]} {crm_id[:DEBUT]}"

    def commercial(self, crm_id: str | None) -> str | None:
        """Name a sales rep; the id where there is no name, None where there is no id."""
        return crm_id and (self.commerciaux.get(crm_id) or crm_id)

    def nommer(self, champ: Mapping[str, Any]) -> dict[str, Any]:
        """Add to a shown change the names of the sales reps that it holds: `avant_nom`, `apres_nom`, `valeur_nom`."""
        if champ["champ"] not in PERSONNES:
            return dict(champ)
        cles = [cle for cle in ("avant", "apres", "perdant", "valeur") if cle in champ]
        return {**champ, **{f"{cle}_nom": self.commercial(champ[cle]) for cle in cles}}


def lire(bases: Bases, lignes: Iterable[Mapping[str, Any]]) -> Libelles:
    """Read what these rows (`entite`, `crm_id`) are called; of what is only planned, or gone, the journal entry tells."""
    contrats: dict[str, str] = {}
    commerciaux: dict[str, str] = {}
    for ligne in lignes:
        retirees = (ligne.get("champs") or {}) if ligne.get("action") == "suppression" else {}
        valeurs = ligne.get("valeurs") or {nom: change["avant"] for nom, change in retirees.items()}
        if ligne["entite"] == "contrat":
            contrats[ligne["crm_id"]] = valeurs.get("reference") or ""
        elif ligne["entite"] == "apporteur" and valeurs:
            commerciaux[ligne["crm_id"]] = " ".join(filter(None, (valeurs.get("prenom"), valeurs.get("nom"))))
    contrats |= dict(_lire(bases, "references", ids=list(contrats))) if contrats else {}
    commerciaux |= dict(_lire(bases, "apporteurs"))
    return Libelles({crm_id: reference for crm_id, reference in contrats.items() if reference}, commerciaux)


def _lire(bases: Bases, nom: str, **parametres: Any) -> list[tuple[str, str]]:
    with bases.transaction("commercial") as connexion:
        return connexion.execute(bases.crm.composer(f"libelles.{nom}"), parametres or None).fetchall()
