"""The KPI tables *contracts per commercial*: every contract of the CRM counted, also those that no sync brought.

Counted in the contracts' database, and both tables replaced by one statement where they are: a reader sees the old figures or
the new ones, never none or half. Built-in tables have them beside the contracts, an existing CRM in our own schema, which may
be another database; what was counted is then carried there.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql
from psycopg.rows import dict_row

from crm_sync.crm.connexion import Bases, Service, erreurs_traduites, la_ligne
from crm_sync.crm.copie import lire, provisoire, verser
from crm_sync.crm.requetes import requete
from crm_sync.crm.snapshot import non_attribue
from crm_sync.domain.statuts import STATUTS, STATUTS_VENDUS

if TYPE_CHECKING:
    import pyarrow as pa

MOIS = sql.SQL(
    "commercial_id text, mois date, statut text, nb_contrats integer, montant numeric(18, 2), dernier_contrat_le timestamptz"
)
COMMERCIAL = sql.SQL(
    "commercial_id text, utilisateur_id text, manager_id text, nom text, prenom text, nb_contrats integer, "
    "nb_en_attente integer, nb_signes integer, nb_valides integer, nb_annules integer, nb_resilies integer, "
    "nb_autres integer, nb_clients integer, montant_total numeric(18, 2), montant_valide numeric(18, 2), part numeric(7, 6), "
    "rang integer, dernier_contrat_le timestamptz, calcule_le timestamptz, nb_vendus integer, montant_vendu numeric(18, 2)"
)


def _texte(bases: Bases, nom: str, **relations: sql.Composable) -> sql.Composed:
    crm = bases.crm
    return crm.composer(
        f"kpi.{nom}",
        **relations,
        kpi_commercial=sql.Identifier(crm.schema_kpi, "kpi_contrats_par_commercial"),
        kpi_mois=sql.Identifier(crm.schema_kpi, "kpi_contrats_par_mois"),
        id_apporteur=sql.SQL(crm["apporteur"].type("id")),
        id_utilisateur=sql.SQL(crm["utilisateur"].type("id")),
    )


def service_kpi(bases: Bases) -> Service:
    """Name the service whose database holds the KPI tables: that of the contracts where it is the same one."""
    service = bases.crm.service_kpi
    return "commercial" if bases.urls[service] == bases.urls["commercial"] else service


def en_place(bases: Bases) -> bool:
    """Tell whether the KPI tables are there with ids of the CRM's own type; the built-in ones are the migrations' business."""
    if bases.crm.integree:
        return True
    types = [bases.crm[entite].type("id") for entite in ("apporteur", "utilisateur")]
    with bases.transaction("sync") as connexion:
        return [ligne[0] for ligne in connexion.execute(requete("kpi.types_des_ids"))] == types


def creer(bases: Bases) -> None:
    """Make the KPI tables of an existing CRM in our schema; what is there with ids of another type is made anew."""
    with bases.transaction("sync") as connexion:
        connexion.execute("drop table if exists crm_sync.kpi_contrats_par_commercial, crm_sync.kpi_contrats_par_mois")
        connexion.execute(_texte(bases, "table_commercial"))
        connexion.execute(_texte(bases, "table_mois"))


class Totaux(NamedTuple):
    """The contracts that the KPI counts per sales rep and per month, and those that the CRM held when it was counted.

    Those that nobody can be said to have (see `livres.orphelins`, and no reserved apporteur yet) are in none of the three.
    """

    par_commercial: int
    par_mois: int
    contrats: int


def recalculer(bases: Bases) -> Totaux:
    """Replace both KPI tables; of an unchanged CRM only `calcule_le` moves. Gives what must be equal.

    Raises:
        WriteError, DatabaseUnavailableError: nothing was replaced.
    """
    with erreurs_traduites(bases.lieu("core")):
        equipes = bases.connexion("core").execute(_texte(bases, "utilisateurs")).fetchall()
    utilisateurs, managers = zip(*equipes, strict=True) if equipes else ((), ())
    parametres = {
        "statuts": list(STATUTS),
        "vendus": list(STATUTS_VENDUS),
        "utilisateurs": list(utilisateurs),
        "managers": list(managers),
        "non_attribue": non_attribue(bases),
    }
    with bases.transaction("commercial") as connexion:
        # One picture of the contracts for both tables, whoever writes meanwhile.
        connexion.execute("set transaction isolation level repeatable read")
        mois, commerciaux = (sql.SQL("({})").format(_texte(bases, nom)) for nom in ("mois", "commerciaux"))
        if service_kpi(bases) == "commercial":
            remplacer = _texte(bases, "remplacer", mois_comptes=mois, commerciaux_comptes=commerciaux)
            connexion.execute(remplacer, parametres)
        else:
            comptes = [
                lire(connexion, _texte(bases, "compte", mois_comptes=mois, comptes=de), parametres)
                for de in (sql.Identifier("kpi_mois"), commerciaux)
            ]
            _remplacer_ailleurs(bases, *comptes)
        (contrats,) = la_ligne(connexion.execute(_texte(bases, "contrats"), parametres))
    par_commercial, par_mois = la_ligne(bases.connexion(service_kpi(bases)).execute(_texte(bases, "totaux")))
    return Totaux(int(par_commercial), int(par_mois), int(contrats))


def _remplacer_ailleurs(bases: Bases, mois: "pa.RecordBatch", commerciaux: "pa.RecordBatch") -> None:
    """Carry what was counted to the database of the KPI tables, and replace them there."""
    with (
        bases.transaction(service_kpi(bases)) as connexion,
        provisoire(connexion, "mois_comptes", MOIS) as mois_comptes,
        provisoire(connexion, "commerciaux_comptes", COMMERCIAL) as commerciaux_comptes,
    ):
        verser(connexion, mois_comptes, mois)
        verser(connexion, commerciaux_comptes, commerciaux)
        tables = {"mois_comptes": mois_comptes, "commerciaux_comptes": commerciaux_comptes}
        connexion.execute(_texte(bases, "remplacer", **tables))


def tableau(bases: Bases) -> list[dict[str, Any]]:
    """Read the KPI table, one dict per sales rep, best first."""
    service = service_kpi(bases)
    connexion = bases.connexion(service)
    with erreurs_traduites(bases.lieu(service)), connexion.cursor(row_factory=dict_row) as curseur:
        return curseur.execute(_texte(bases, "tableau")).fetchall()


def portefeuilles(bases: Bases) -> dict[str, tuple[str, int]]:
    """Count each sales rep's contracts now: apporteur's id → name and number."""
    lignes = bases.connexion("commercial").execute(_texte(bases, "portefeuilles")).fetchall()
    return {str(crm_id): (str(nom), int(nombre)) for crm_id, nom, nombre in lignes}
