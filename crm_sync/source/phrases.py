"""What the report says of each kind of finding: its title, the sentence, and what to do; French, for the colleague.

The sentences name keys, entities and reasons, never a value; a status word only where it may be shown.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from crm_sync.domain.motifs import CORRIGER, MOTIFS
from crm_sync.source.models import MODELES

EN_DOUBLE = "prospect_en_double"
SPEC = "voir « crm-sync source spec »"


class Genre(NamedTuple):
    """One kind of finding: the title of its section, and whether it asks for an act (a key that lacks: it depends)."""

    titre: str
    a_corriger: bool = True


GENRES: Mapping[str, Genre] = MappingProxyType(
    {
        "liste_vide": Genre("Liste vide"),
        "mis_de_cote": Genre("Ce qu'une synchronisation mettrait de côté"),
        "prospect_en_double": Genre("Prospects en double"),
        "type": Genre("Valeurs d'une autre forme"),
        "cle_absente": Genre("Clés absentes"),
        "updatedAt_absent": Genre("Dates de modification absentes"),
        "horloge_en_avance": Genre("Horloges en avance"),
        "statut_inconnu": Genre("Statuts sans signification connue"),
        "autre_prospect": Genre("Contrats qui nomment un autre prospect"),
        "cle_inconnue": Genre("Clés que la spécification ne décrit pas", a_corriger=False),
    }
)
"""Kinds in the order in which they are shown."""

_ENTITES = {
    "clients": "Prospect",
    "contrats": "Contrat",
    "informations_paiement": "Coordonnées bancaires",
    "commerciaux": "Commercial",
    "offres": "Offre",
}
_QUE_FAIRE = {
    "element_invalide": "N'envoyer dans la liste que des objets.",
    "type_inattendu": f"Envoyer la forme attendue ({SPEC}).",
    "montant_illisible": "Envoyer un décimal avec un point, sans symbole ni texte (`29.9`), ou null.",
    "date_illisible": "Envoyer une date ISO 8601 qui existe (`2025-01-31T00:00:00.000Z`), ou null.",
}
_SIMPLES = {
    "liste_vide": (
        "La liste ne contient aucun prospect",
        "Vérifier le filtre (les prospects qui ont un contrat) ; une liste vide est refusée dès que des prospects sont connus.",
    ),
    "autre_prospect": (
        "`prospectId` n'est pas l'idProspect du prospect qui porte le contrat",
        "Vérifier à qui est le contrat : il est rangé sous le prospect qui le porte.",
    ),
    "statut_inconnu": (
        "Statut de contrat inconnu, compté dans « autre » : {sujet}",
        "Dire ce que ce mot signifie (en attente, signé, validé, annulé, résilié) ; nous l'ajoutons à statuts.toml.",
    ),
    "horloge_en_avance": (
        "`updatedAt` dans le futur : {sujet}",
        "Régler l'horloge de l'application source ; la date est ramenée à l'heure de réception.",
    ),
    "updatedAt_absent": (
        "`updatedAt` absent ou null : {sujet}",
        "Envoyer `updatedAt` sur chaque nœud : il décide quelle valeur gagne quand le CRM a changé aussi.",
    ),
    "cle_inconnue": (
        "Clé inconnue : `{sujet}`",
        "Rien, si elle ne nous concerne pas : elle est gardée telle quelle. Sinon, dire ce qu'elle signifie.",
    ),
    "type": (
        "Valeur d'une autre forme que décrite : `{sujet}`",
        f"Envoyer la forme attendue ({SPEC}) : du texte pour un texte (un nombre perd ses zéros de tête), une date ISO 8601.",
    ),
}


def phrase(genre: str, sujet: str) -> tuple[str, str]:
    """Give what a finding says, and what to do."""
    if genre == "mis_de_cote":
        entite, _, motif = sujet.partition(":")
        faire = MOTIFS[motif].que_faire
        faire = "Corriger la fiche dans l'application source." if faire == CORRIGER else faire
        return f"{_ENTITES[entite]} : {MOTIFS[motif].raison}", _QUE_FAIRE.get(motif, faire)
    if genre == "prospect_en_double":
        texte = "Le même prospect, à l'identique." if sujet == "identique" else MOTIFS[EN_DOUBLE].raison
        return texte, "N'envoyer chaque idProspect qu'une fois ; avec un doublon, aucune absence n'est comptée."
    if genre == "cle_absente":
        return f"Clé absente : `{sujet}`", _absence(sujet)
    texte, faire = _SIMPLES[genre]
    return texte.format(sujet=sujet), faire


def _absence(sujet: str) -> str:
    nom, _, cle = sujet.partition(".")
    description = (MODELES[nom].model_fields[cle].description or "").strip()
    debut = "Rien, si elle n'existe pas chez vous." if cle in MODELES[nom].FACULTATIVES else "L'envoyer."
    return f"{debut} {description}"
