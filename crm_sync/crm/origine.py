"""Whether our links are of this CRM: pointed at another one, all of them would lead nowhere and everybody would seem deleted.

A person may delete clients, or sales reps; where nothing at all is left of what was linked, it is another CRM.
"""

from crm_sync.crm import snapshot
from crm_sync.crm.connexion import Bases
from crm_sync.crm.requetes import requete
from crm_sync.errors import ConfigurationError

ENTITES = ("client", "apporteur", "contrat")
REGARDES = 100
"""Links looked at per entity: enough to know."""


def verifier(bases: Bases) -> None:
    """Make sure that the links are of this CRM; nothing to say before a first sync.

    Raises:
        ConfigurationError: of each entity there are links, and none leads to a row.
    """
    for entite in ENTITES:
        parametres = {"entite": entite, "limite": REGARDES}
        liens = [ligne[0] for ligne in bases.connexion("sync").execute(requete("origine.liens"), parametres)]
        if not liens or snapshot.existantes(bases, entite, liens):
            return
    raise ConfigurationError(
        "Aucun des clients, commerciaux et contrats que le schéma crm_sync connaît n'existe dans ce CRM : c'est un autre CRM "
        "que celui des synchronisations d'avant. Corriger CRM_MAPPING ou les URL ; pour repartir de zéro avec ce CRM-ci, "
        "supprimer le schéma crm_sync. Rien n'a été lu ni écrit."
    )
