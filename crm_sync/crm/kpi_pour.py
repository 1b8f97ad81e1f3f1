"""`crm_sync.kpi_pour(utilisateur_id)`: the KPI rows that one viewer may see, for who reads with SQL.

Made where users, contracts and the KPI tables share a database. Its body is text that Postgres resolves at each call, and its
result names its columns, so nothing of the CRM depends on it: a migration of theirs is never refused for its sake. It runs with
the caller's rights.
"""

from hashlib import blake2b

from psycopg import sql
from psycopg.errors import InvalidFunctionDefinition

from crm_sync.crm.connexion import Bases, Service
from crm_sync.crm.kpi import service_kpi
from crm_sync.crm.lecture import KPI, composer, lire
from crm_sync.crm.requetes import requete
from crm_sync.crm.visibilite import equipe

FONCTION = sql.SQL(
    "create or replace function crm_sync.kpi_pour(utilisateur_id {genre}) returns table ({colonnes}) "
    "language sql stable set search_path = pg_catalog, pg_temp as {corps}"
)


def possible(bases: Bases) -> bool:
    """Tell whether users, contracts and the KPI tables are in one database."""
    services: tuple[Service, ...] = ("core", "commercial", service_kpi(bases))
    return len({bases.urls[service] for service in services}) == 1


def en_place(bases: Bases) -> bool:
    """Tell whether the function is there as this code and this CRM have it, or cannot be."""
    if not possible(bases):
        return True
    empreintes = [ligne["empreinte"] for ligne in lire(bases, "commercial", "visibilite.fonctions")]
    return empreintes == [_empreinte(_texte(bases).as_string())]


def creer(bases: Bases) -> None:
    """Make the function, or make it anew; rights that were granted on it stay where its columns do.

    Raises:
        DatabaseUnavailableError: a right is missing.
    """
    texte = _texte(bases)
    genre = bases.crm["utilisateur"].type("id")
    with bases.transaction("commercial") as connexion:
        # What the body reads is resolved when it is called: who makes it needs no right to their tables.
        connexion.execute("set local check_function_bodies = off")
        try:
            with connexion.transaction():
                connexion.execute(texte)
        except InvalidFunctionDefinition:  # other columns than before
            connexion.execute(sql.SQL("drop function crm_sync.kpi_pour({})").format(sql.SQL(genre)))
            connexion.execute(texte)
        empreinte = sql.Literal(_empreinte(texte.as_string()))
        connexion.execute(sql.SQL("comment on function crm_sync.kpi_pour({}) is {}").format(sql.SQL(genre), empreinte))
        autres = connexion.execute(requete("visibilite.fonctions")).fetchall()
        for fonction, dite in autres:  # of a CRM whose ids had another type
            if dite != _empreinte(texte.as_string()):
                connexion.execute(f"drop function {fonction}".encode())


def _texte(bases: Bases) -> sql.Composed:
    crm = bases.crm
    table = sql.Identifier(crm.schema_kpi, KPI[0]).as_string()
    colonnes = lire(bases, "commercial", "visibilite.colonnes_kpi", table=table)
    moi = sql.SQL("$1::{}").format(sql.SQL(crm["utilisateur"].genre("id")))
    corps = composer(
        crm,
        "visibilite.kpi_pour",
        equipe=sql.SQL("({})").format(equipe(crm, moi)),
        colonnes=sql.SQL(", ").join(sql.Identifier("k", colonne["nom"]) for colonne in colonnes),
    )
    return FONCTION.format(
        genre=sql.SQL(crm["utilisateur"].type("id")),
        colonnes=sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(colonne["nom"]), sql.SQL(colonne["type"])) for colonne in colonnes
        ),
        corps=sql.Literal(corps.as_string()),
    )


def _empreinte(texte: str) -> str:
    return f"Les lignes de l'indicateur que cet utilisateur peut voir ({blake2b(texte.encode(), digest_size=8).hexdigest()})"
