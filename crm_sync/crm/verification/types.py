"""What a column cannot hold of what we would write: cents, hours, the end of a text, another kind of id."""

import re
from collections.abc import Iterator, Mapping

from crm_sync.crm.bornes import longueur, tient
from crm_sync.crm.conversions import texte_constant
from crm_sync.crm.correspondance import FAMILLES, SERVICES_CRM
from crm_sync.crm.genres import ENTIERS, ID, INSTANT, MONTANT, TEXTE, TEXTES, convient, genre
from crm_sync.crm.inventaire import Colonne
from crm_sync.crm.verification.plaintes import AVERTISSEMENT, BLOQUANT, Plainte, Vue, identifiant

LONGUEURS: Mapping[str, tuple[int, str]] = {
    "iban": (34, BLOQUANT),
    "bic": (11, BLOQUANT),
    "reference": (40, AVERTISSEMENT),
    "email": (254, AVERTISSEMENT),
    "telephone": (30, AVERTISSEMENT),
    "nom": (80, AVERTISSEMENT),
    "prenom": (80, AVERTISSEMENT),
    "produit": (100, AVERTISSEMENT),
    "document_url": (255, AVERTISSEMENT),
    "audit_trail_url": (255, AVERTISSEMENT),
    **dict.fromkeys(("id", "client_id", "commercial_id", "utilisateur_id", "manager_id"), (36, BLOQUANT)),
}
"""How long a text of ours may be, and what it means where the column is shorter: an IBAN has 34 characters at most."""
_NUMERIQUE = re.compile(r"^numeric\((\d+),(-?\d+)\)$")
CENTIMES, CHIFFRES = 2, 10
PERTES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(ENTIERS, (BLOQUANT, "les centimes seraient perdus")),
    "real": (BLOQUANT, "au-delà de six chiffres, un montant n'y est plus exact"),
    "double precision": (AVERTISSEMENT, "un montant n'y est pas exact, et les sommes du CRM s'écartent"),
    "money": (AVERTISSEMENT, "sa précision dépend de la langue du serveur"),
}
"""What an amount loses, by type."""


def adaptes(vue: Vue) -> Iterator[Plainte]:
    """Complain of columns whose type cannot hold the field at all."""
    for champ, colonne in vue.champs():
        if champ == "id" or convient(champ, colonne) or _traduit(vue, champ):
            continue
        if colonne.enum and genre(champ) == TEXTE:
            yield _texte_libre(vue, champ, colonne)
            continue
        yield Plainte(
            "type_incompatible",
            BLOQUANT,
            vue.ou(colonne.nom),
            f"La colonne {vue.ou(colonne.nom)} ({colonne.type}) ne peut pas contenir « {champ} ».",
            f"Nommer une autre colonne pour {champ} dans le fichier de CRM_MAPPING, ou retirer cette ligne.",
        )


def _texte_libre(vue: Vue, champ: str, colonne: Colonne) -> Plainte:
    return Plainte(
        "enum_pour_texte_libre",
        AVERTISSEMENT,
        vue.ou(colonne.nom),
        f"« {champ} » vient en texte libre, or la colonne {vue.ou(colonne.nom)} n'accepte que {', '.join(colonne.etiquettes)} : "
        "tout autre texte n'y est pas écrit.",
        f"Traduire à values.{champ} du fichier de CRM_MAPPING les mots que la source envoie, ou nommer une colonne de texte.",
    )


def _traduit(vue: Vue, champ: str) -> bool:
    """Whether the mapping gives words for a field: its column may then be a boolean or a number."""
    return champ in vue.crm.valeurs


def montants(vue: Vue) -> Iterator[Plainte]:
    """Complain of amounts that lose cents."""
    for champ, colonne in vue.champs():
        if genre(champ) != MONTANT or not (perte := _perte(colonne)):
            continue
        gravite, dit = perte
        yield Plainte(
            "montant_imprecis",
            gravite,
            vue.ou(colonne.nom),
            f"Le montant {vue.ou(colonne.nom)} est de type {colonne.type} : {dit}.",
            "Changer le type de la colonne ; les montants de la source ont deux décimales.",
            f"alter table {vue.nom_sql} alter column {identifiant(colonne.nom)} type numeric(12, 2)",
        )


def _perte(colonne: Colonne) -> tuple[str, str] | None:
    if (connue := PERTES.get(colonne.type_de_base)) is not None:
        return connue
    if numerique := _NUMERIQUE.match(colonne.type):
        chiffres, decimales = int(numerique[1]), int(numerique[2])
        if decimales < CENTIMES:
            return BLOQUANT, "les centimes seraient perdus"
        if chiffres - decimales < CHIFFRES - CENTIMES:
            return (
                AVERTISSEMENT,
                f"un contrat dont le montant a plus de {chiffres - decimales} chiffres avant la virgule est mis de côté",
            )
    return None


def horodatages(vue: Vue) -> Iterator[Plainte]:
    """Complain of instants whose zone nobody has said, and of dates without hours."""
    instants = [(champ, colonne) for champ, colonne in vue.champs() if genre(champ) == INSTANT]
    sans_zone = [colonne.nom for _, colonne in instants if colonne.type_de_base == "timestamp without time zone"]
    if sans_zone and not vue.crm.fuseau_dit:
        yield Plainte(
            "horodatage_sans_zone",
            AVERTISSEMENT,
            vue.ou(),
            f"Des horodatages de {vue.ou()} n'ont pas de zone ({', '.join(sans_zone)}), et CRM_MAPPING ne dit pas laquelle : "
            "ils sont lus comme UTC.",
            'Écrire timezone = "UTC" (ou "Europe/Paris") dans la table de CRM_MAPPING, selon ce que le CRM y met.',
        )
    for champ, colonne in instants:
        if colonne.type_de_base == "date":
            yield Plainte(
                "horodatage_tronque",
                AVERTISSEMENT,
                vue.ou(colonne.nom),
                f"La colonne {vue.ou(colonne.nom)} est une date sans heure : l'heure de « {champ} » y est perdue.",
                "Changer le type de la colonne, si l'heure importe.",
                f"alter table {vue.nom_sql} alter column {identifiant(colonne.nom)} type timestamptz",
            )


def longueurs(vue: Vue) -> Iterator[Plainte]:
    """Complain of texts that are too short for what may come, and of words of ours that do not fit."""
    for champ, colonne in vue.champs():
        limite = longueur(colonne.type)
        if not limite or colonne.nom not in vue.inserees() | vue.modifiees():
            continue
        if champ in {"statut", "role"}:
            mots = vue.crm.valeurs.get(champ, {})
            il_faut, gravite = max((len(mot) for mot in mots.values()), default=len("en_attente")), BLOQUANT
        elif champ in LONGUEURS and genre(champ) in {TEXTE, ID}:
            il_faut, gravite = LONGUEURS[champ]
        else:
            continue
        if limite < il_faut:
            suite = "une fiche dont la valeur est plus longue est mise de côté"
            yield Plainte(
                "texte_trop_court",
                gravite,
                vue.ou(colonne.nom),
                f"La colonne {vue.ou(colonne.nom)} ({colonne.type}) est trop courte pour « {champ} » ({il_faut}) : {suite}.",
                "Allonger la colonne.",
                f"alter table {vue.nom_sql} alter column {identifiant(colonne.nom)} type character varying({il_faut})",
            )


def constantes(vue: Vue) -> Iterator[Plainte]:
    """Complain of a constant of `insert` that its column cannot hold: no row could be made."""
    for nom, valeur in vue.crm.insert.items():
        colonne = vue.table.colonnes.get(nom)
        admet = tient(colonne.type) if colonne else None
        if colonne is not None and admet is not None and not admet(texte_constant(valeur)):
            yield Plainte(
                "constante_trop_grande",
                BLOQUANT,
                vue.ou(nom),
                f"La valeur que CRM_MAPPING donne à {vue.ou(nom)} (insert) ne tient pas dans une colonne {colonne.type} : "
                "aucune ligne ne pourrait être faite.",
                "Corriger cette valeur à insert, dans le fichier de CRM_MAPPING.",
            )


def familles(vue: Vue, ids: Mapping[str, Colonne]) -> Iterator[Plainte]:
    """Complain of a column that leads to another entity whose ids are of another kind; `ids`: entity → its id column."""
    for champ, colonne in vue.champs():
        cible = FAMILLES.get((vue.entite, champ))
        vers = ids.get(cible or "")
        if champ == "id" or cible is None or vers is None or not convient(champ, colonne):
            continue
        if _famille(colonne) != _famille(vers) and colonne.type_de_base not in TEXTES:
            yield Plainte(
                "lien_d_un_autre_type",
                BLOQUANT,
                vue.ou(colonne.nom),
                f"La colonne {vue.ou(colonne.nom)} est de type {colonne.type}, les identifiants de service-{SERVICES_CRM[cible]} "
                f"où elle mène sont de type {vers.type}.",
                f"Nommer une autre colonne pour {champ} dans le fichier de CRM_MAPPING, ou une autre table.",
            )


def _famille(colonne: Colonne) -> str:
    base = colonne.type_de_base
    return "entier" if base in ENTIERS else "texte" if base in TEXTES else base
