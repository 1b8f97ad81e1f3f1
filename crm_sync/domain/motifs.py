"""Why a node is put aside, and what to do about it: one French text per reason, in one place.

The texts name the kind of value, never the value: they are shown on terminals, in Dagster and in the CRM.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Motif:
    """One reason: what is wrong, and what ops or the colleague can do."""

    raison: str
    que_faire: str


CORRIGER = "Faire corriger la fiche dans l'application source ; elle sera reprise à la synchronisation suivante."

NOMS_DES_CHAMPS = {
    "utilisateur_id": "le compte du commercial",
    "nom": "le nom",
    "prenom": "le prénom",
    "email": "l'adresse e-mail",
    "telephone": "le téléphone",
    "role": "le rôle",
    "actif": "le compte actif ou non",
    "identity_card": "la pièce d'identité",
    "reference": "la référence du contrat",
    "description": "la description du contrat",
    "statut": "le statut du contrat",
    "statut_source": "le statut du contrat dans la source",
    "type": "le type du contrat",
    "fournisseur": "le fournisseur",
    "produit": "le produit",
    "montant": "le montant",
    "date_signature": "la date de signature",
    "date_validation": "la date de validation",
    "document_url": "le chemin du document",
    "audit_trail_url": "le chemin de la preuve de signature",
    "client_id": "l'identifiant du client",
    "commercial_id": "l'identifiant du commercial",
    "iban": "l'IBAN",
    "bic": "le BIC",
}
"""What each field of ours that is written is called, in a sentence."""
COLONNE_TROP_PETITE = {champ: f"colonne_trop_petite_{champ}" for champ in NOMS_DES_CHAMPS}
"""Field → the motif of a node whose value its column of the CRM cannot hold: a text too long, a number too great or none."""

MOTIFS = {
    "element_invalide": Motif(
        "L'élément de la liste n'est pas un objet JSON.", "Prévenir le collègue qui tient la source."
    ),
    "type_inattendu": Motif("Une valeur n'a pas le type attendu.", "Prévenir le collègue qui tient la source."),
    "identifiant_absent": Motif("Le prospect n'a pas d'identifiant (idProspect).", CORRIGER),
    "identifiant_trop_long": Motif("L'identifiant dépasse 200 caractères.", CORRIGER),
    "prospect_en_double": Motif(
        "Le même idProspect arrive deux fois avec des contenus différents.",
        "Faire supprimer l'un des deux dans l'application source ; le CRM garde ce qu'il avait.",
    ),
    "nom_absent": Motif("Le prospect n'a pas de nom.", CORRIGER),
    "parent_ecarte": Motif("Le prospect qui porte cet élément est mis de côté.", "Traiter d'abord ce prospect."),
    "reference_absente": Motif("Le contrat n'a pas de référence (titre).", CORRIGER),
    "reference_trop_longue": Motif("La référence du contrat dépasse 200 caractères.", CORRIGER),
    "montant_illisible": Motif("Le montant n'est pas un nombre décimal.", CORRIGER),
    "montant_trop_grand": Motif("Le montant dépasse dix chiffres avant la virgule.", CORRIGER),
    "date_illisible": Motif("La date n'est pas une date ISO 8601.", CORRIGER),
    "iban_absent": Motif("Les informations de paiement n'ont pas d'IBAN.", CORRIGER),
    "iban_invalide": Motif("L'IBAN n'est pas valide (longueur ou clé de contrôle).", CORRIGER),
    "bic_invalide": Motif("Le BIC n'est pas valide.", CORRIGER),
    "commercial_sans_email": Motif(
        "Le commercial n'a pas d'adresse e-mail utilisable ; ses nouveaux contrats vont à « Non attribué ».",
        CORRIGER,
    ),
    "identifiant_reutilise": Motif(
        "L'identifiant de ce prospect désignait une autre personne : ni le nom, ni l'e-mail, ni le téléphone n'est le même.",
        "Vérifier dans la source. Si c'est la même personne : crm-sync duplicates same client:ID prospect:ID ; "
        "sinon : crm-sync duplicates different client:ID prospect:ID.",
    ),
    "client_supprime": Motif(
        "Le client du CRM auquel ce prospect était relié a été supprimé ou fusionné.",
        "S'il est devenu un autre client : crm-sync duplicates same client:ID prospect:ID ; sinon, rien à faire : "
        "il n'est pas recréé de lui-même.",
    ),
    "creation_annulee": Motif(
        "La création de cette ligne a été annulée.",
        "Rien à faire : elle sera refaite si la source la change.",
    ),
    "client_ecarte": Motif(
        "Le client de cette ligne est mis de côté, ou a été supprimé du CRM.", "Traiter d'abord ce client."
    ),
    "commercial_ecarte": Motif(
        "Le commercial de ce contrat est mis de côté, ou a été supprimé du CRM.", "Traiter d'abord ce commercial."
    ),
    "reference_detenue": Motif(
        "Un autre client du CRM détient déjà un contrat de cette référence.",
        "Décider à qui est le contrat ; corriger la source ou le CRM.",
    ),
    "reference_disputee": Motif(
        "Deux prospects portent la même référence de contrat ; l'autre est plus récent.",
        "Faire corriger la référence dans l'application source.",
    ),
    "ligne_supprimee": Motif(
        "La ligne du CRM que la synchronisation avait écrite a été supprimée.",
        "Si la suppression est voulue, rien à faire ; la ligne n'est pas recréée d'elle-même.",
    ),
    "valeur_exigee": Motif(
        "Le CRM exige une valeur que la source ne donne pas ; la ligne n'a pas pu être faite.",
        "Faire compléter la fiche dans l'application source, ou donner une valeur par défaut à la colonne dans le CRM.",
    ),
    **{
        motif: Motif(
            f"La colonne du CRM qui reçoit {NOMS_DES_CHAMPS[champ]} ne peut pas contenir cette valeur sans la perdre.",
            f"Élargir dans le CRM la colonne que CRM_MAPPING nomme à columns.{champ}, ou faire corriger la fiche dans "
            "l'application source ; la ligne est réessayée à chaque synchronisation.",
        )
        for champ, motif in COLONNE_TROP_PETITE.items()
    },
    "unicite_du_crm": Motif(
        "Une autre ligne du CRM porte déjà une valeur qui doit y être unique ; aucune seconde ligne n'a pu être faite.",
        "Chercher cette ligne dans le CRM ; si c'est la même personne : crm-sync duplicates same, sinon corriger l'une des deux.",
    ),
    "ligne_retiree": Motif(
        "La ligne du CRM est marquée comme supprimée ; elle n'est ni changée ni rétablie, et aucune autre n'est faite.",
        "Si la suppression est voulue, rien à faire ; sinon la rétablir dans le CRM : elle est alors reprise.",
    ),
    "ligne_modifiee": Motif(
        "La ligne du CRM change sans cesse pendant la synchronisation, ou une autre transaction la tient.",
        "Rien à faire : elle est reprise la fois suivante.",
    ),
}
