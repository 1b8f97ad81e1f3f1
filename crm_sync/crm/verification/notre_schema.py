"""Our own tables: whether they are there, at the revision that this code knows, and ours to use; and the database as a whole."""

from collections.abc import Iterator, Mapping, Sequence

from crm_sync.crm import schema
from crm_sync.crm.connexion import Bases, Service, erreurs_traduites
from crm_sync.crm.inventaire import Colonne, Inventaire, Objet, droits_du_schema
from crm_sync.crm.requetes import requete
from crm_sync.crm.verification.plaintes import AVERTISSEMENT, BLOQUANT, INFORMATION, Plainte, identifiant

NOTRE = "crm_sync"
VERSION_MINIMALE = 150_000
TOUT = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
BESOINS = {"r": TOUT, "v": frozenset({"SELECT"}), "S": frozenset({"USAGE", "SELECT"})}
"""What a sync does with a table, a view and a sequence of ours; of the revisions it only reads where they stand."""
EN_RETARD = "schema_en_retard"
KPI = ("kpi_contrats_par_commercial", "kpi_contrats_par_mois")


def base(inventaire: Inventaire) -> Iterator[Plainte]:
    """Complain of a database that no sync can use."""
    role, nom = identifiant(inventaire.role), inventaire.base
    if inventaire.version < VERSION_MINIMALE:
        dit = f"La base {nom} est un Postgres {inventaire.version // 10_000} ; il faut Postgres 15 ou plus récent."
        yield Plainte("version_de_postgres", BLOQUANT, nom, dit, "Mettre le serveur à niveau.")
    if inventaire.lecture_seule:
        yield Plainte(
            "base_en_lecture_seule",
            BLOQUANT,
            nom,
            f"La base {nom} n'accepte que des lectures (réplique, ou default_transaction_read_only).",
            "Donner l'URL du serveur principal, ou un rôle qui peut écrire.",
        )
    if inventaire.encodage != "UTF8":
        yield Plainte(
            "encodage",
            AVERTISSEMENT,
            nom,
            f"La base {nom} est en {inventaire.encodage} : un nom dont une lettre n'y existe pas fait tout échouer.",
            "Prévoir une base en UTF8.",
        )
    if not inventaire.temporaires:
        yield Plainte(
            "droit_temporaire",
            BLOQUANT,
            nom,
            f"Le rôle {inventaire.role} ne peut pas créer de table temporaire dans la base {nom}.",
            "Accorder ce droit.",
            f"grant temporary on database {identifiant(nom)} to {role}",
        )


def notre_schema(
    bases: Bases, services: Sequence[Service], inventaire: Inventaire, ids: Mapping[str, Colonne]
) -> Iterator[Plainte]:
    """Complain of our schema in one database, that of these services: missing, behind, ahead, or closed to our role.

    `ids`: entity → its id column in the CRM, whose type the KPI tables have.
    """
    if NOTRE not in inventaire.schemas:
        yield _retard(inventaire, f"Le schéma {NOTRE} n'est pas encore dans la base {inventaire.base}.")
        return
    if not inventaire.schemas[NOTRE]:
        yield _droit(inventaire, f"le schéma {NOTRE}", f"usage on schema {NOTRE}")
        return
    objets = droits_du_schema(bases, services[0], NOTRE)
    yield from _fermes(inventaire, objets)
    if any(objet.nom == "alembic_version" and "SELECT" in objet.droits for objet in objets):
        yield from _revisions(bases, services, inventaire, objets)
        if "sync" in services and not bases.correspondance.integree and set(KPI) <= {objet.nom for objet in objets}:
            yield from _ids_de_l_indicateur(bases, services[0], inventaire, ids)


def kpi_integre(bases: Bases, service: Service, inventaire: Inventaire) -> Iterator[Plainte]:
    """Complain of KPI tables beside the built-in tables that our role may not replace."""
    for objet in droits_du_schema(bases, service, "service_commercial"):
        if objet.nom in KPI and (manquent := sorted(TOUT - objet.droits)):
            nom = identifiant("service_commercial", objet.nom)
            yield _droit(inventaire, f"service_commercial.{objet.nom}", f"{', '.join(manquent).lower()} on {nom}")


def _revisions(
    bases: Bases, services: Sequence[Service], inventaire: Inventaire, objets: list[Objet]
) -> Iterator[Plainte]:
    connues = schema.revisions()
    with erreurs_traduites(bases.lieu(services[0])):
        en_place = schema.etat(bases.connexion(services[0]))
    for revision in sorted(en_place):
        if revision not in connues.get(revision.rsplit("_", 1)[0], ()):
            yield Plainte(
                "schema_en_avance",
                BLOQUANT,
                f"{inventaire.base}.{NOTRE}",
                f"La base {inventaire.base} est à la révision {revision}, plus récente que ce programme.",
                "Mettre crm_sync à jour.",
            )
            return
    if "sync" in services and not bases.correspondance.integree and not set(KPI) <= {objet.nom for objet in objets}:
        yield _retard(inventaire, f"Les tables de l'indicateur ne sont pas encore dans la base {inventaire.base}.")
        return
    parties = [partie for service in services for partie in schema.parties(bases, service)]
    if any(connues[partie][-1] not in en_place for partie in parties):
        yield _retard(inventaire, f"Les tables de la synchronisation, dans la base {inventaire.base}, sont en retard.")


def _ids_de_l_indicateur(
    bases: Bases, service: Service, inventaire: Inventaire, ids: Mapping[str, Colonne]
) -> Iterator[Plainte]:
    """Complain of KPI tables whose ids are of another type than the CRM's: of another mapping, or changed by a migration."""
    colonnes = [ids[entite] for entite in ("apporteur", "utilisateur") if entite in ids]
    with bases.transaction(service) as connexion:
        types = [str(ligne[0]) for ligne in connexion.execute(requete("kpi.types_des_ids"))]
        ligne = connexion.execute(requete("kpi.a_nous")).fetchone()
    # What a domain is made of is known without its length.
    ecarts = [
        f"{c.type} au lieu de {le_notre}"
        for c, le_notre in zip(colonnes, types, strict=False)
        if (c.type if c.type.startswith(c.type_de_base) else c.type_de_base)
        != (le_notre if c.type.startswith(c.type_de_base) else le_notre.partition("(")[0])
    ]
    if not ecarts:
        return
    peut = ligne is not None and ligne[0]
    yield Plainte(
        "indicateur_d_un_autre_type",
        INFORMATION if peut else BLOQUANT,
        f"{inventaire.base}.{NOTRE}.{KPI[0]}",
        f"Les identifiants du CRM ne sont plus du type que les tables de l'indicateur ont ({', '.join(ecarts)})"
        + ("." if peut else f", et le rôle {inventaire.role} ne peut pas les refaire."),
        "La prochaine synchronisation refait ces deux tables, comme « crm-sync db upgrade » ; leurs chiffres sont recalculés."
        if peut
        else "Lancer « crm-sync db upgrade » avec le rôle de migration (« crm-sync db grants » donne les deux rôles).",
    )


def _retard(inventaire: Inventaire, phrase: str) -> Plainte:
    if inventaire.creation:
        return Plainte(
            EN_RETARD,
            INFORMATION,
            f"{inventaire.base}.{NOTRE}",
            phrase,
            "La prochaine synchronisation les crée ou les met à niveau, comme « crm-sync db upgrade ».",
        )
    return Plainte(
        EN_RETARD,
        BLOQUANT,
        f"{inventaire.base}.{NOTRE}",
        f"{phrase[:-1]}, et le rôle {inventaire.role} ne peut pas les créer.",
        "Lancer « crm-sync db upgrade » avec le rôle de migration (« crm-sync db grants » donne les deux rôles).",
    )


def _fermes(inventaire: Inventaire, objets: list[Objet]) -> Iterator[Plainte]:
    """Complain once per kind of right that tables of ours lack."""
    manques: dict[tuple[str, ...], list[Objet]] = {}
    for objet in objets:
        besoins = BESOINS["v"] if objet.nom == "alembic_version" else BESOINS[objet.genre]
        if manquent := tuple(sorted(besoins - objet.droits)):
            manques.setdefault((*manquent, objet.genre if objet.genre == "S" else ""), []).append(objet)
    for cle, siens in manques.items():
        *droits, genre = cle
        noms = ", ".join(identifiant(NOTRE, objet.nom) for objet in siens)
        sorte = "sequence " if genre == "S" else ""
        quoi = f"{siens[0].nom}{f' et {len(siens) - 1} de plus' if len(siens) > 1 else ''} du schéma {NOTRE}"
        yield _droit(inventaire, quoi, f"{', '.join(droits).lower()} on {sorte}{noms}")


def _droit(inventaire: Inventaire, quoi: str, droit: str) -> Plainte:
    return Plainte(
        "droit_crm_sync",
        BLOQUANT,
        f"{inventaire.base}.{NOTRE}",
        f"Le rôle {inventaire.role} n'a pas tous ses droits sur {quoi} ({droit.partition(' on ')[0]}).",
        "Accorder ce droit.",
        f"grant {droit} to {identifiant(inventaire.role)}",
    )
