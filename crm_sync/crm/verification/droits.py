"""What our role may not do and a sync needs, table by table; each with the GRANT that gives it, and no more."""

from collections.abc import Collection, Iterator

from crm_sync.crm.inventaire import Nom
from crm_sync.crm.verification.plaintes import BLOQUANT, INFORMATION, Plainte, Vue, identifiant

VERSION_DE_LIGNE = "xmin"


def lues(vue: Vue) -> tuple[str, ...]:
    """Give their columns that a sync reads, the row's version last."""
    supprime = (vue.crm.deleted_at,) if vue.crm.deleted_at else ()
    noms = dict.fromkeys((*vue.crm.colonnes.values(), *supprime, *vue.crm.increment))
    return (*(nom for nom in noms if nom in vue.table.colonnes), VERSION_DE_LIGNE)


def ordonnees(vue: Vue, noms: Collection[str]) -> tuple[str, ...]:
    """Give columns in the table's order; those that are missing are not there."""
    return tuple(nom for nom in vue.table.colonnes if nom in noms)


def accorder(quoi: str, colonnes: Collection[str], vue: Vue, role: str) -> str:
    """Write a GRANT of columns."""
    noms = ", ".join(identifiant(nom) for nom in colonnes)
    return f"grant {quoi} ({noms}) on {vue.nom_sql} to {role}"


def droits(vue: Vue) -> Iterator[Plainte]:
    """Complain of each class of rights that is missing on this table."""
    role = identifiant(vue.inventaire.role)
    if not vue.inventaire.schemas.get(vue.crm.schema, False):
        yield Plainte(
            "droit_schema",
            BLOQUANT,
            vue.crm.schema,
            f"Le rôle {vue.inventaire.role} n'a pas accès au schéma {vue.crm.schema}.",
            "Accorder ce droit.",
            f"grant usage on schema {identifiant(vue.crm.schema)} to {role}",
        )
    classes = (
        ("SELECT", "droit_lecture", "lire", lues(vue)),
        ("INSERT", "droit_insertion", "créer des lignes avec", ordonnees(vue, vue.inserees())),
        ("UPDATE", "droit_modification", "modifier", ordonnees(vue, vue.modifiees())),
    )
    for droit, code, verbe, colonnes in classes:
        manquent = [nom for nom in colonnes if not _a(vue, droit, nom)]
        if manquent:
            yield Plainte(
                code,
                BLOQUANT,
                vue.ou(),
                f"Le rôle {vue.inventaire.role} ne peut pas {verbe} {', '.join(manquent)} de {vue.ou()}.",
                "Accorder ce droit, sur ces colonnes seulement.",
                accorder(droit.lower(), manquent, vue, role),
            )
    yield from _sequences(vue, role)
    if vue.entite != "utilisateur" and "DELETE" not in vue.table.droits:
        yield Plainte(
            "droit_suppression",
            INFORMATION,
            vue.ou(),
            f"Le rôle {vue.inventaire.role} ne peut pas supprimer dans {vue.ou()} : une synchronisation n'en a pas besoin, "
            "« crm-sync undo » ne pourra pas retirer les lignes créées.",
            "L'accorder le temps d'annuler une exécution, si cela arrive.",
            f"grant delete on {vue.nom_sql} to {role}",
        )


def _a(vue: Vue, droit: str, nom: str) -> bool:
    return vue.table.jeton_lisible if nom == VERSION_DE_LIGNE else droit in vue.table.colonnes[nom].droits


def sequences(vue: Vue) -> Iterator[tuple[Nom, bool]]:
    """Give the sequences that a new row of ours draws from, and whether our role may: that of ids, and those of defaults.

    A default draws with our rights, also of a column that we never name.
    """
    ident = vue.table.colonnes.get(vue.crm.colonnes["id"])
    if vue.crm.type_id == "int" and ident is not None and ident.sequence:
        yield ident.sequence, ident.sequence_utilisable
    for nom, colonne in vue.table.colonnes.items():
        if colonne.sequence_du_defaut and nom not in vue.inserees():
            yield colonne.sequence_du_defaut, colonne.defaut_utilisable


def _sequences(vue: Vue, role: str) -> Iterator[Plainte]:
    for sequence, utilisable in sequences(vue):
        if not utilisable:
            yield Plainte(
                "droit_sequence",
                BLOQUANT,
                ".".join(sequence),
                f"Le rôle {vue.inventaire.role} ne peut pas tirer de la séquence {'.'.join(sequence)} pour une nouvelle "
                f"ligne de {vue.ou()}.",
                "Accorder ce droit.",
                f"grant usage on sequence {identifiant(*sequence)} to {role}",
            )
