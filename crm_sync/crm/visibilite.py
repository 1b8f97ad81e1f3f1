"""Who may see what: decided here and nowhere else, from the live tables, for every reader.

The team is read in service-core, contracts in service-commercial: one database or two makes no difference. Grain: one
`Spectateur` per call. Source of the rule: product.md, *Who sees what*. A token's role or a stored manager_id never decides.
"""

from dataclasses import dataclass
from typing import Literal, cast

from psycopg import sql

from crm_sync.crm.connexion import Bases
from crm_sync.crm.correspondance import Correspondance
from crm_sync.crm.lecture import composer, lire

Role = Literal["admin", "manager", "commercial"]


@dataclass(frozen=True, slots=True)
class Spectateur:
    """A viewer with rights: an active user of a role that we know.

    `apporteurs`: the sales reps whose contracts are theirs to see; None for an admin, who sees everything, *Non attribué* and
    what belongs to nobody included. `commercial_id`: their own apporteur, None where they have none.
    """

    utilisateur_id: str
    role: Role
    nom: str
    apporteurs: frozenset[str] | None
    commercial_id: str | None

    @property
    def voit_tout(self) -> bool:
        """Tell whether nothing is hidden from this viewer."""
        return self.apporteurs is None

    @property
    def encadre(self) -> bool:
        """Tell whether this viewer may ask for a sync, and see the end of an IBAN."""
        return self.role in {"admin", "manager"}

    def voit_apporteur(self, commercial_id: str | None) -> bool:
        """Tell whether the contracts of this sales rep are theirs to see."""
        return self.apporteurs is None or commercial_id in self.apporteurs

    @property
    def liste_apporteurs(self) -> list[str]:
        """The sales reps as a parameter of statements; empty for an admin, who needs none."""
        return sorted(self.apporteurs or ())


def equipe(crm: Correspondance, moi: sql.Composable) -> sql.Composed:
    """Give the statement *whose contracts are theirs to see* for the user that `moi` names: the one text of the rule.

    A CRM without a column for `actif` has active users only; where there is one, only `true` is active.
    """
    actif = sql.SQL("coalesce(u.actif, false)" if crm["utilisateur"].a("actif") else "true")
    return composer(crm, "visibilite.equipe", moi=moi, actif=actif)


def spectateur(bases: Bases, utilisateur_id: str) -> Spectateur | None:
    """Read who this user is and what is theirs to see; None where they see nothing: unknown, inactive, deleted, no role of ours.

    Raises:
        DatabaseUnavailableError: a database cannot be reached, or a right is missing.
    """
    table = bases.crm["utilisateur"]
    ids = table.ids([utilisateur_id.lower() if table.genre("id") == "uuid" else utilisateur_id])
    if not ids or "\0" in utilisateur_id:
        return None
    moi = sql.SQL("%(moi)s::{}").format(sql.SQL(table.genre("id")))
    with bases.transaction("core") as connexion:
        membres = connexion.execute(equipe(bases.crm, moi), {"moi": ids[0]}).fetchall()
    if not membres:
        return None
    role, nom, prenom = membres[0][1:4]
    lies = lire(bases, "commercial", "visibilite.apporteurs", membres=[str(membre[4]) for membre in membres])
    return Spectateur(
        utilisateur_id=str(membres[0][0]),
        role=cast("Role", role),
        nom=" ".join(filter(None, (prenom, nom))),
        apporteurs=None if role == "admin" else frozenset(a["id"] for a in lies),
        commercial_id=next((a["id"] for a in lies if a["utilisateur_id"] == str(membres[0][0])), None),
    )


def voit_client(bases: Bases, qui: Spectateur, client_id: str) -> bool:
    """Tell whether this viewer sees a client, and so all of it; whether there is such a client is not asked."""
    if qui.voit_tout:
        return True
    parametres = {"client_id": client_id, "apporteurs": qui.liste_apporteurs}
    return bool(lire(bases, "commercial", "visibilite.client_tenu", **parametres))


def clients_vus(bases: Bases, qui: Spectateur, client_ids: list[str]) -> set[str]:
    """Give those of these clients that the viewer sees."""
    connus = bases.crm["client"].ids(client_ids)
    if qui.voit_tout:
        return set(connus)
    parametres = {"clients": connus, "apporteurs": qui.liste_apporteurs}
    return {ligne["id"] for ligne in lire(bases, "commercial", "visibilite.clients_tenus", **parametres)}


def voit_commercial(bases: Bases, qui: Spectateur, commercial_id: str) -> bool:
    """Tell whether there is such a sales rep, and their contracts are this viewer's to see."""
    if not qui.voit_tout:
        return qui.voit_apporteur(commercial_id)
    return bool(lire(bases, "commercial", "visibilite.apporteur_existe", id=commercial_id))
