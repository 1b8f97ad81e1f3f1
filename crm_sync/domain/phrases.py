"""What a rule, a side or a reason is called for a person: one short French phrase each, in one place.

The codes are stored (links, journal, possible duplicates) and stand in `--json`; these phrases stand on terminals. A code
without a phrase is shown as it is, so a new rule is never hidden.
"""

from collections.abc import Mapping, Sequence
from typing import Any

ENTITES = {
    "client": "client",
    "contrat": "contrat",
    "apporteur": "commercial",
    "utilisateur": "utilisateur",
    "information_paiement": "coordonnées bancaires",
}
GENRES = {
    "synchronisation": "synchronisation",
    "annulation": "annulation",
    "restauration": "valeur remise",
    "decision": "décision d'une personne",
}
ACTIONS = {"creation": "création", "modification": "modification", "conflit": "valeur gardée", "suppression": "retrait"}
LECTURES = {"portefeuille": "portefeuille", "vendu_par": "vendu par"}

LIENS = {
    "decision": "une personne l'a décidé",
    "lien": "c'est la même fiche de la source",
    "creation": "créé pour cette fiche",
    "iban": "même IBAN chez ce client",
    "adresse_d_un_autre": "sa nouvelle adresse est celle de ce commercial",
}
"""By which rule a source node is this row, whatever the entity; the others depend on what is compared."""

_LIENS_PAR_ENTITE = {
    ("client", "reference"): "ce client tient un de ses contrats",
    ("client", "email"): "même e-mail et prénoms qui s'accordent",
    ("client", "telephone"): "même téléphone et même nom",
    ("contrat", "reference"): "même référence",
    ("apporteur", "email"): "même e-mail",
    ("utilisateur", "email"): "même e-mail",
}
NOUVEAUX = {
    "client": "aucun client n'a son e-mail, son téléphone ni une de ses références",
    "contrat": "aucun contrat du CRM n'a cette référence",
    "apporteur": "aucun commercial du CRM n'a cette adresse",
    "utilisateur": "aucun utilisateur du CRM n'a cette adresse",
    "information_paiement": "ce client n'a pas encore cet IBAN",
}
"""Why a row is made: no rule found one."""

CLES = {"reference": "référence de contrat", "email": "e-mail", "telephone": "téléphone"}
MOTIFS = {
    "decision_different": "une personne a décidé que ce sont deux",
    "plusieurs": "plusieurs fiches possibles",
    "naissance_differente": "dates de naissance différentes",
    "prenom_different": "prénoms différents",
    "nom_different": "noms différents",
    "cle_vendeur": "coordonnée d'un commercial",
    "cle_generique": "coordonnée partagée par trop de gens",
}
"""Why a candidate was refused (`domain.candidats.MOTIFS`)."""

_CHAMPS = {
    ("creation", "source"): "valeur reçue à la création",
    ("source", "source"): "changé à la source",
    ("vide", "source"): "le CRM n'avait rien",
    ("plus_recent", "source"): "changé des deux côtés, la source en dernier",
    ("plus_recent", "crm"): "changé des deux côtés, le CRM en dernier : gardé",
    ("premiere_rencontre", "source"): "différent à la première rencontre, la source plus récente",
    ("premiere_rencontre", "crm"): "différent à la première rencontre, le CRM plus récent : gardé",
    ("annulation", "personne"): "remis par une personne",
    ("valeur du CRM", "crm"): "saisi dans le CRM",
}


def lien(entite: str, regle: str) -> str:
    """Say by which rule a source node is this CRM row."""
    return _LIENS_PAR_ENTITE.get((entite, regle)) or LIENS.get(regle, regle)


def champ(regle: str | None, gagnant: str | None) -> str:
    """Say by which rule a field has its value; `gagnant` is whose value it is (`source`, `crm`, `personne`)."""
    return _CHAMPS.get((str(regle), str(gagnant or "source"))) or (regle or "")


def cles(sortes: Sequence[str]) -> str:
    """Name kinds of key."""
    return ", ".join(CLES.get(sorte, sorte) for sorte in sortes)


def refuses(preuve: Mapping[str, Any] | None) -> list[str]:
    """Say, one phrase per candidate, whom the keys led to and why it is not them."""
    return [
        f"client:{r['crm_id']} écarté ({MOTIFS.get(r['motif'], r['motif'])})" for r in (preuve or {}).get("refuses", ())
    ]


def nouveau(entite: str, preuve: Mapping[str, Any] | None) -> str:
    """Say why a row is made: nobody was found, or those who were are not them."""
    ecartes = refuses(preuve)
    if ecartes:
        return " ; ".join(ecartes)
    return NOUVEAUX[entite]


def preuve(donnees: Mapping[str, Any] | None) -> str:
    """Say on what evidence a link or a pair stands; empty where there is nothing beyond the rule."""
    faits = donnees or {}
    phrases = []
    if faits.get("cles"):
        phrases.append(f"en commun : {cles(faits['cles'])}")
    if faits.get("par_groupe"):
        phrases.append("par une autre fiche de la même personne")
    if faits.get("motif"):
        phrases.append(MOTIFS.get(faits["motif"], str(faits["motif"])))
    return " ; ".join([*phrases, *refuses(faits)])
