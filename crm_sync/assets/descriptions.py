"""What Dagster says of each thing, for ops who know the CRM and not Python: French Markdown, every text in one place."""

from collections.abc import Mapping
from types import MappingProxyType

ACCUEIL: Mapping[str, str] = MappingProxyType(
    {
        "À quoi ça sert": "porter prospects, contrats et coordonnées bancaires de la source dans le CRM, et compter les contrats",
        "Lancer": "Jobs > synchronisation > Materialize all, toujours complet et sans danger",
        "Comprendre": "Catalog > un élément > Metadata, ce qui s'est passé puis ce qu'il y a à faire",
        "Une exécution en échec": "Runs > elle ; la première ligne dit quoi faire, et le CRM a gardé ce qu'il avait",
        "Un contrôle en échec": "WARN, la synchronisation continue ; ERROR, elle s'arrête là",
        "À décider par une personne": "crm-sync rejects ; crm-sync duplicates ; crm-sync removals",
        "Arrêter": "Automation > les deux interrupteurs ; rien ne se perd, la suivante rattrape",
    }
)
"""Question → answer: what whoever opens the code location reads first.

Dagster shows it there as YAML in a box of sixteen lines: no colon within, or it adds quotes.
"""

JOB = "\n\n".join(
    [
        "**Une synchronisation complète** : lecture de la source, rapprochement, écriture dans le CRM, indicateurs.",
        *(f"**{question}** : {reponse}." for question, reponse in ACCUEIL.items()),
    ]
)

# Schedules and sensors are described in plain text: Dagster reads no Markdown there.
HORAIRE = (
    "Toutes les heures, à l'heure juste de Paris. L'interrupteur « Running » l'arrête : plus rien ne se fait alors de soi-même, "
    "et l'indicateur du CRM se dit vieux après deux heures. Rien ne se perd, la synchronisation suivante rattrape."
)
CAPTEUR = (
    "Le bouton du CRM : il dépose une ligne dans crm_sync.demande_sync, vue ici en une seconde, et lance une synchronisation. "
    "Des demandes faites pendant une synchronisation sont servies ensemble par la suivante. « 0 runs requested » est normal : "
    "personne n'a appuyé, ou une synchronisation déjà lancée prendra la demande. Arrêté par « Running », le bouton du CRM attend."
)

ACTIFS: Mapping[str, str] = MappingProxyType(
    {
        "prospects_bruts": """
Ce que la source a répondu, gardé tel que reçu avant toute interprétation : rien ne peut se perdre, et n'importe quel
jour peut être rejoué. Si la source est en panne, l'exécution échoue ici avec une phrase, le CRM garde ce qu'il avait, et
l'heure suivante reprend.

Table `crm_sync.prospect_brut` : une ligne par contenu distinct d'un prospect.
""",
        "commerciaux": """
Les commerciaux tels que la source les dit à présent, une copie par prospect.

Table `crm_sync.commerciaux`.
""",
        "clients": """
Les prospects tels que la source les dit à présent, avec ce qui sert à les reconnaître dans le CRM. Ce qui ne peut pas
être utilisé est mis de côté, avec la raison et que faire ; le reste passe.

Table `crm_sync.clients`.
""",
        "contrats": """
Les contrats tels que la source les dit à présent, une ligne par prospect et référence.

Table `crm_sync.contrats`.
""",
        "informations_paiement": """
Les coordonnées bancaires valides de la source. Un IBAN faux est mis de côté ; aucun n'est jamais montré ici.

Table `crm_sync.informations_paiement`.
""",
        "crm_commerciaux": """
Les commerciaux dans le CRM. Un commercial est trouvé par son adresse e-mail, sinon créé, inactif et sans mot de passe :
il peut recevoir des contrats, pas se connecter. Un utilisateur qui existait n'est jamais modifié.

Tables `utilisateur` et `apporteur` du CRM.
""",
        "crm_clients": """
Les clients dans le CRM. Chaque prospect est relié à son client : par un contrat, par l'e-mail et le prénom, ou par le
téléphone et le nom ; sinon un client est créé. Champ par champ, la valeur la plus récente gagne. Ce qui pourrait être un
doublon attend une personne : une mauvaise fusion est pire qu'un doublon.

Table `client_base` du CRM.
""",
        "crm_contrats": """
Les contrats dans le CRM, trouvés par leur référence, avec leur client et leur commercial. Sans commercial connu, un
nouveau contrat va à *Non attribué*, pour être vu et compté.

Table `contrat` du CRM.
""",
        "crm_informations_paiement": """
Les coordonnées bancaires des clients dans le CRM. Aucun IBAN n'est jamais montré dans Dagster.

Table `information_paiement_bancaire` du CRM.
""",
        "kpi_contrats_par_commercial": """
Les contrats par commercial, l'indicateur de l'accueil du CRM : *portefeuille* (qui tient le contrat) et *vendus* (qui le
tenait quand il a été signé). Compte tous les contrats du CRM, aussi ceux qu'aucune synchronisation n'a apportés.

Recalculé à chaque synchronisation. Sans calcul depuis 2 heures, Dagster avertit ; depuis 6 heures, c'est un échec : regarder
la dernière exécution, et si l'horaire `synchronisation_horaire` est en marche.

Tables `kpi_contrats_par_commercial` et `kpi_contrats_par_mois`.
""",
    }
)
"""Asset → what it is; the catalogue shows the beginning, as plain text."""

ARRET = "En échec (ERROR), l'exécution s'arrête là."
SUITE = "En échec (WARN), la synchronisation continue ; une personne regarde."

CONTROLES: Mapping[str, str] = MappingProxyType(
    {
        "prospects_bruts/rien_de_perdu": f"Chaque élément de la réponse acceptée est stocké. {ARRET}",
        "clients/rien_de_perdu": f"Chaque prospect stocké est lu ou mis de côté. {ARRET}",
        "contrats/source_comprise": f"La source n'envoie ni clé ni statut que l'on ne connaisse pas. {SUITE}",
        "clients/aucune_disparition_retenue": "La dernière réponse est complète : ce qu'elle n'a plus est compté. "
        f"Sinon rien n'est marqué disparu. {SUITE}",
        "livres_equilibres": f"Reçus = créés + modifiés + inchangés + réunis + mis de côté. {ARRET}",
        "total_egal_au_crm": f"La somme des contrats de l'indicateur est le nombre de contrats du CRM. {ARRET}",
        "aucun_orphelin": f"Chaque contrat du CRM a un client et un commercial ; il peut y en avoir d'avant. {SUITE}",
    }
)
"""Check → what it holds, and what happens where it fails."""
