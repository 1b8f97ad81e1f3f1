"""The evidence on who a prospect may be: CRM clients and known prospects that share something with those who are judged.

Gathers and computes keys; every judgement is `domain.identity`'s. Keys of CRM clients are cached in their own database
(`crm_sync.cle_client`) with the values they come from, and computed anew only where one of these changed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crm_sync.crm.connexion import Bases, Connexion
from crm_sync.crm.copie import lire, provisoire, textes, verser
from crm_sync.crm.correspondance import Correspondance
from crm_sync.crm.doublons import nommes
from crm_sync.crm.requetes import requete
from crm_sync.crm.snapshot import lignes_du_crm
from crm_sync.domain.decisions import CLIENT, PROSPECT, Decisions
from crm_sync.domain.keys import cle_email, cle_nom, cle_reference
from crm_sync.domain.telephones import cles_telephone
from crm_sync.domain.types import cadre, en_cadre, liste, parmi

if TYPE_CHECKING:
    import pandas as pd

VALEURS = ["nom", "prenom", "email", "telephone"]
CLES: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "cle_nom": ("nom", cle_nom),
    "cle_prenom": ("prenom", cle_nom),
    "cle_email": ("email", cle_email),
    "cles_telephone": ("telephone", lambda valeur: " ".join(cles_telephone(valeur)) or None),
}
PROSPECTS = [
    "source_id",
    "cle_nom",
    "cle_prenom",
    "naissance",
    "cle_email",
    "cles_telephone",
    "crm_id",
    *(f"base_{colonne}" for colonne in VALEURS),
]
CLIENTS = ("crm_id", *CLES, "references", "nb_contrats", "cree_le", "supprime")


def rassembler(
    bases: Bases, juges: "pd.DataFrame", decisions: Decisions
) -> tuple["pd.DataFrame", "pd.DataFrame", Decisions, frozenset[str]]:
    """Gather what `domain.identity.identifier` needs of these waiting prospects: its four arguments, in its order."""
    prospects = _prospects(bases, juges, decisions)
    cherchees = _cles_des(prospects)
    detenues = _detenues(bases, _mots(prospects["references"]))
    connus = {*liste(prospects["crm_id"].dropna()), *detenues, *_nommes(decisions, CLIENT)}
    clients = _clients(bases, cherchees, connus, detenues)
    return _avec_leurs_prospects(bases, prospects, clients), clients, decisions, _vendeurs(bases)


def _avec_leurs_prospects(bases: Bases, prospects: "pd.DataFrame", clients: "pd.DataFrame") -> "pd.DataFrame":
    """Add whoever else is linked to one of these clients: the CRM knows no date of birth, its prospects may."""
    import pandas as pd

    if clients.empty:
        return prospects
    parametres = {"clients": liste(clients["crm_id"])}
    autres = en_cadre(lire(bases.connexion("sync"), requete("candidats.prospects_des_clients"), parametres))
    autres = parmi(autres, ~autres["source_id"].isin(prospects["source_id"]))
    if autres.empty:
        return prospects
    return pd.concat([prospects, _avec_les_cles_de_base(autres.assign(attend="false"))], ignore_index=True)


def _prospects(bases: Bases, juges: "pd.DataFrame", decisions: Decisions) -> "pd.DataFrame":
    """Give the judged ones, and the known prospects that share a key or a reference with one of them."""
    import pandas as pd

    connexion = bases.connexion("sync")
    references = en_cadre(
        lire(connexion, requete("candidats.references_des_juges"), {"ids": liste(juges["source_id"])})
    )
    avec = juges[PROSPECTS].merge(references, on="source_id", how="left")
    parametres = {
        "cles": sorted(_cles_des(avec)),
        "cles_reference": sorted(_mots(avec["references"])),
        "nommes": _nommes(decisions, PROSPECT),
    }
    autres = en_cadre(lire(connexion, requete("candidats.prospects"), parametres))
    autres = parmi(autres, ~autres["source_id"].isin(juges["source_id"]))
    return _avec_les_cles_de_base(
        pd.concat([avec.assign(attend="true"), autres.assign(attend="false")], ignore_index=True)
    )


def _avec_les_cles_de_base(prospects: "pd.DataFrame") -> "pd.DataFrame":
    """Add the keys of the values last synced."""
    bases = {
        f"base_{cle}": prospects[f"base_{colonne}"].map(calcul, na_action="ignore").astype(texte(prospects))
        for cle, (colonne, calcul) in CLES.items()
    }
    return prospects.assign(**bases)


def _nommes(decisions: Decisions, genre: str) -> list[str]:
    return sorted(noeud.removeprefix(genre) for noeud in nommes(decisions) if noeud.startswith(genre))


def texte(lignes: "pd.DataFrame") -> Any:
    """Give the type of a frame's columns of text."""
    return lignes["source_id"].dtype


def _mots(colonne: "pd.Series[str]") -> set[str]:
    return {mot for texte in liste(colonne.dropna()) for mot in texte.split()}


def _cles_des(prospects: "pd.DataFrame") -> set[str]:
    return set(liste(prospects["cle_email"].dropna())) | _mots(prospects["cles_telephone"])


def _detenues(bases: Bases, cherchees: set[str]) -> dict[str, list[str]]:
    """Give CRM client → those of these references whose contract it has."""
    detenues: dict[str, list[str]] = defaultdict(list)
    if cherchees:
        for _, reference, client_id, _ in lignes_du_crm(
            bases, "contrat", "contrats.references", cles=sorted(cherchees)
        ):
            cle = cle_reference(reference)
            if client_id is not None and cle in cherchees:
                detenues[client_id].append(cle)
    return detenues


def _clients(
    bases: Bases, cherchees: set[str], connus: Iterable[str], detenues: Mapping[str, list[str]]
) -> "pd.DataFrame":
    """Read the CRM clients that share a key, hold a reference, are linked, or are named in a decision."""
    import pandas as pd

    with bases.transaction(bases.crm["client"].service) as connexion:
        _rafraichir_cles(connexion, bases.crm)
        if not connexion.execute(requete("candidats.a_des_cles")).fetchone():
            return cadre(CLIENTS, ())
        parametres = {"cles": sorted(cherchees), "connus": bases.crm["client"].ids(sorted(set(connus)))}
        clients = en_cadre(lire(connexion, bases.crm.composer("candidats.clients"), parametres))
    ids = liste(clients["crm_id"])
    nombres = dict(lignes_du_crm(bases, "contrat", "contrats.nombres", clients=ids))
    return clients.assign(
        references=pd.Series(
            [" ".join(detenues.get(qui, ())) or None for qui in ids],
            clients.index,
            dtype=clients["crm_id"].dtype,
        ),
        nb_contrats=[str(nombres.get(qui, 0)) for qui in ids],
    )


def _rafraichir_cles(connexion: Connexion, crm: Correspondance) -> None:
    """Bring the cached keys of CRM clients to their present values; only changed rows are looked at in Python."""
    lues = lire(connexion, crm.composer("candidats.cles_a_rafraichir"))
    if not lues.num_rows:
        return
    perimees = en_cadre(lues)
    for cle, (colonne, calcul) in CLES.items():
        perimees[cle] = perimees[colonne].map(calcul, na_action="ignore").astype(perimees["nom"].dtype)
    colonnes = ["crm_id", *VALEURS, *CLES]
    with provisoire(connexion, "cles", textes(colonnes)) as table:
        verser(connexion, table, perimees[colonnes])
        connexion.execute(requete("candidats.cles_rafraichies"))


def _vendeurs(bases: Bases) -> frozenset[str]:
    """Give the e-mail and phone keys of every known sales rep, in the source and in the CRM."""
    contacts: list[tuple[Any, ...]] = [
        *bases.connexion("sync").execute(requete("candidats.vendeurs")).fetchall(),
        *lignes_du_crm(bases, "apporteur", "candidats.apporteurs"),
        *lignes_du_crm(bases, "utilisateur", "candidats.utilisateurs"),
    ]
    cles: set[str] = set()
    for email, telephone in contacts:
        cles.update(cles_telephone(telephone))
        if cle := cle_email(email):
            cles.add(cle)
    return frozenset(cles)
