"""What the live catalogue says of the CRM's tables: columns with their real types, labels of enums.

Read once per `Bases`, before anything else of the CRM: a table or a column that the mapping names and the database lacks is
said then, and nothing is read or written.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm_sync.crm.requetes import requete
from crm_sync.errors import ConfigurationError

if TYPE_CHECKING:
    from crm_sync.crm.connexion import Bases
    from crm_sync.crm.correspondance import Correspondance, TableCrm

ENTIERS = frozenset({"smallint", "integer", "bigint"})


def completer(bases: "Bases", correspondance: "Correspondance") -> "Correspondance":
    """Give the same correspondence with the real types.

    Raises:
        ConfigurationError: a table or a column is missing, or an id is not of the kind that the file says.
        DatabaseUnavailableError: a database cannot be reached.
    """
    types: dict[str, Mapping[str, str]] = {}
    libelles: dict[str, Mapping[str, tuple[str, ...]]] = {}
    obligatoires: dict[str, Mapping[str, str | None]] = {}
    fautes: list[str] = []
    for entite, table in correspondance.items():
        colonnes = _colonnes(bases, table)
        types[entite] = {nom: genre for nom, genre, _, _, _ in colonnes}
        libelles[entite] = {nom: tuple(mots) for nom, _, mots, _, _ in colonnes if mots is not None}
        obligatoires[entite] = {nom: defaut for nom, _, _, obligatoire, defaut in colonnes if obligatoire}
        fautes += _fautes(bases, table, types[entite])
    if fautes:
        raise ConfigurationError(
            f"Le CRM n'est pas comme CRM_MAPPING le dit : {' ; '.join(fautes)}. "
            "Rien n'a été lu ni écrit. « crm-sync db check » dit tout ce qui manque."
        )
    return correspondance.avec_les_types(types, libelles, obligatoires)


def _colonnes(bases: "Bases", table: "TableCrm") -> list[tuple[str, str, Any, bool, str | None]]:
    with bases.transaction(table.service) as connexion:
        parametres = {"schema": table.schema, "table": table.table}
        return connexion.execute(requete("catalogue.colonnes"), parametres).fetchall()


def _fautes(bases: "Bases", table: "TableCrm", types: Mapping[str, str]) -> list[str]:
    nom = f"{table.schema}.{table.table}"
    if not types:
        return [f"la table {nom} n'existe pas dans la base {bases.lieu(table.service)}"]
    manquent = [colonne for colonne in table.necessaires if colonne not in types]
    if manquent:
        noms = ", ".join(f"« {colonne} »" for colonne in manquent)
        return [f"la table {nom} n'a pas {'la colonne' if len(manquent) == 1 else 'les colonnes'} {noms}"]
    reel = types[table.colonnes["id"]]
    if (reel in ENTIERS) != (table.type_id == "int"):
        return [f"l'identifiant de {nom} est de type {reel}, pas « {table.type_id} »"]
    return _lignes_cachees(bases, table, nom)


def _lignes_cachees(bases: "Bases", table: "TableCrm", nom: str) -> list[str]:
    """Refuse a table of which row-level security may hide rows: who is hidden would be made a second time."""
    with bases.transaction(table.service) as connexion:
        parametres = {"schema": table.schema, "table": table.table}
        ligne = connexion.execute(requete("catalogue.lignes_cachees"), parametres).fetchone()
    changeons = table.entite != "utilisateur" and any(map(table.modifiable, table.champs))
    if ligne is None or (ligne[0] and (ligne[1] or not changeons) and not ligne[2]):
        return []
    return [f"la sécurité au niveau des lignes peut cacher des lignes de {nom} : il faut une règle « using (true) »"]


def reserver_ids(bases: "Bases", entite: str, nombre: int) -> list[str]:
    """Take ids for new rows from the sequence of the table's own id column, in one statement: nobody else gets them.

    Raises:
        ConfigurationError: the column has no sequence.
    """
    table = bases.crm[entite]
    with bases.transaction(table.service) as connexion:
        parametres = {"schema": table.schema, "table": table.table, "colonne": table.colonnes["id"]}
        ligne = connexion.execute(requete("catalogue.sequence"), parametres).fetchone()
        if ligne is None or ligne[0] is None:
            raise ConfigurationError(
                f"L'identifiant de {table.schema}.{table.table} n'a pas de séquence : « id = \"int\" » ne peut pas en réserver. "
                "Lui en donner une dans le CRM, ou corriger CRM_MAPPING."
            )
        numeros = connexion.execute(requete("catalogue.reserver"), {"sequence": ligne[0], "nombre": nombre})
        return [numero for (numero,) in numeros]
