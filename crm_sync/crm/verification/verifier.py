"""The rules, applied to every mapped table of every database; and what blocks, said in one sentence before a sync.

Catalogue only: a few milliseconds per database.
"""

from collections.abc import Iterator, Mapping

from crm_sync.crm.connexion import SERVICES, Bases, Service
from crm_sync.crm.correspondance import TableCrm
from crm_sync.crm.inventaire import Colonne, Inventaire, Nom, lire
from crm_sync.crm.verification import droits, effets, presence, refus, types, vitesse
from crm_sync.crm.verification.notre_schema import EN_RETARD, base, kpi_integre, notre_schema
from crm_sync.crm.verification.plaintes import BLOQUANT, GRAVITES, Plainte, Regle, Vue
from crm_sync.errors import ConfigurationError

REGLES: tuple[Regle, ...] = (
    presence.colonnes,
    presence.identite,
    presence.suppression,
    types.adaptes,
    types.montants,
    types.longueurs,
    types.constantes,
    types.horodatages,
    refus.obligatoires,
    refus.mots,
    refus.unicites,
    refus.unicites_genantes,
    refus.controles,
    effets.securite_des_lignes,
    effets.cles_etrangeres,
    effets.declencheurs,
    droits.droits,
    vitesse.index,
    presence.non_repris,
)
NOMMEES = 3
"""Blocking complaints that the sentence of a refused sync names."""


def verifier(bases: Bases) -> list[Plainte]:
    """Give every complaint about the databases as the mapping names them, the blocking ones first. Reads no row.

    Raises:
        ConfigurationError, DatabaseUnavailableError: a database cannot be reached.
    """
    inventaires = inventaires_du_crm(bases)
    ids = _ids(bases, inventaires)
    plaintes: list[Plainte] = []
    for services in _par_base(bases):
        plaintes += base(inventaires[services[0]])
        plaintes += notre_schema(bases, services, inventaires[services[0]], ids)
    if bases.correspondance.integree:
        plaintes += kpi_integre(bases, "commercial", inventaires["commercial"])
    # What the upgrade that is due will make is not missing.
    a_faire = bases.correspondance.integree and any(plainte.code == EN_RETARD for plainte in plaintes)
    for crm in bases.correspondance.values():
        du_crm = list(_table(bases, crm, inventaires, ids))
        plaintes += [plainte for plainte in du_crm if not (a_faire and plainte.code == presence.ABSENTE)]
    return sorted(plaintes, key=lambda plainte: GRAVITES.index(plainte.gravite))


def verifier_rapidement(bases: Bases) -> None:
    """Make sure that nothing is known to block a sync, before anything is read or written.

    Raises:
        ConfigurationError: one sentence with the first complaints that block, and the command that says them all.
        DatabaseUnavailableError: a database cannot be reached.
    """
    bloquantes = [plainte for plainte in verifier(bases) if plainte.gravite == BLOQUANT]
    if not bloquantes:
        return
    premieres = " ".join(plainte.phrase for plainte in bloquantes[:NOMMEES])
    reste = len(bloquantes) - NOMMEES
    suite = f" Et {reste} autre{'s' if reste > 1 else ''}." if reste > 0 else ""
    raise ConfigurationError(
        f"Le CRM n'est pas prêt pour une synchronisation. {premieres}{suite} "
        "Rien n'y a été lu ni écrit. « crm-sync db check » dit tout, et que faire."
    )


def inventaires_du_crm(bases: Bases) -> dict[Service, Inventaire]:
    """Read the catalogue of each service's database, of the mapped tables only; one that services share is read once."""
    voulues: dict[str, set[Nom]] = {url: set() for url in bases.urls.values()}
    for table in bases.correspondance.values():
        voulues[bases.urls[table.service]].add((table.schema, table.table))
    lus: dict[str, Inventaire] = {}
    for service in SERVICES:
        url = bases.urls[service]
        if url not in lus:
            lus[url] = lire(bases, service if service != "sync" else _service_de(bases, url), voulues[url])
    return {service: lus[bases.urls[service]] for service in SERVICES}


def _par_base(bases: Bases) -> list[tuple[Service, ...]]:
    """Group the services by database."""
    urls = dict.fromkeys(bases.urls[service] for service in SERVICES)
    return [tuple(service for service in SERVICES if bases.urls[service] == url) for url in urls]


def _service_de(bases: Bases, url: str) -> Service:
    """Prefer a CRM service's connection: the one that will read and write these tables."""
    return next((service for service in SERVICES if service != "sync" and bases.urls[service] == url), "sync")


def vue(bases: Bases, crm: TableCrm, inventaire: Inventaire) -> Vue | None:
    """Give the view of a mapped table; None where the database does not have it."""
    table = inventaire.tables.get((crm.schema, crm.table))
    if table is None:
        return None
    voisines = {
        autre.entite: (autre.schema, autre.table)
        for autre in bases.correspondance.values()
        if bases.urls[autre.service] == bases.urls[crm.service]
    }
    return Vue(crm, table, inventaire, voisines)


def _table(
    bases: Bases, crm: TableCrm, inventaires: Mapping[Service, Inventaire], ids: Mapping[str, Colonne]
) -> Iterator[Plainte]:
    inventaire = inventaires[crm.service]
    regardee = vue(bases, crm, inventaire)
    type_client = bases.correspondance["client"].type_id
    table = inventaire.tables.get((crm.schema, crm.table))
    inadaptees = list(presence.table_presente(crm, table, inventaire, type_client))
    yield from inadaptees
    if regardee is None or inadaptees:
        return
    for regle in REGLES:
        yield from regle(regardee)
    yield from types.familles(regardee, ids)


def _ids(bases: Bases, inventaires: Mapping[Service, Inventaire]) -> dict[str, Colonne]:
    ids: dict[str, Colonne] = {}
    for crm in bases.correspondance.values():
        table = inventaires[crm.service].tables.get((crm.schema, crm.table))
        colonne = table.colonnes.get(crm.colonnes["id"]) if table else None
        if colonne is not None:
            ids[crm.entite] = colonne
    return ids
