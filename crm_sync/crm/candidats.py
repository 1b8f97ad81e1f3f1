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
from crm_sync.domain.lots import a_la_suite, avec, calculer, dans, distincts, retenir, tableau, traduire
from crm_sync.domain.telephones import cles_telephone

if TYPE_CHECKING:
    import pyarrow as pa

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
    bases: Bases, juges: "pa.RecordBatch", decisions: Decisions
) -> tuple["pa.RecordBatch", "pa.RecordBatch", Decisions, frozenset[str]]:
    """Gather what `domain.identity.identifier` needs of these waiting prospects: its four arguments, in its order."""
    prospects = _prospects(bases, juges, decisions)
    cherchees = _cles_des(prospects)
    detenues = _detenues(bases, _mots(prospects["references"]))
    connus = {*distincts(prospects["crm_id"]), *detenues, *_nommes(decisions, CLIENT)}
    clients = _clients(bases, cherchees, connus, detenues)
    return _avec_leurs_prospects(bases, prospects, clients), clients, decisions, _vendeurs(bases)


def _avec_leurs_prospects(bases: Bases, prospects: "pa.RecordBatch", clients: "pa.RecordBatch") -> "pa.RecordBatch":
    """Add whoever else is linked to one of these clients: the CRM knows no date of birth, its prospects may."""
    if not clients.num_rows:
        return prospects
    parametres = {"clients": clients["crm_id"].to_pylist()}
    autres = lire(bases.connexion("sync"), requete("candidats.prospects_des_clients"), parametres)
    return a_la_suite(prospects, _avec_les_cles_de_base(_connus(autres, prospects)))


def _prospects(bases: Bases, juges: "pa.RecordBatch", decisions: Decisions) -> "pa.RecordBatch":
    """Give the judged ones, and the known prospects that share a key or a reference with one of them."""
    connexion, qui = bases.connexion("sync"), juges["source_id"]
    references = lire(connexion, requete("candidats.references_des_juges"), {"ids": qui.to_pylist()})
    siennes = dict(zip(references["source_id"].to_pylist(), references["references"].to_pylist(), strict=True))
    attendent = avec(juges.select(PROSPECTS), {"references": traduire(qui, siennes), "attend": "true"})
    parametres = {
        "cles": sorted(_cles_des(attendent)),
        "cles_reference": sorted(_mots(attendent["references"])),
        "nommes": _nommes(decisions, PROSPECT),
    }
    autres = _connus(lire(connexion, requete("candidats.prospects"), parametres), attendent)
    return _avec_les_cles_de_base(a_la_suite(attendent, autres))


def _connus(lus: "pa.RecordBatch", prospects: "pa.RecordBatch") -> "pa.RecordBatch":
    """Give those that are not among these prospects: they have a say, and are not to be decided."""
    from pyarrow import compute as pc

    return avec(retenir(lus, pc.invert(dans(lus["source_id"], prospects["source_id"]))), {"attend": "false"})


def _avec_les_cles_de_base(prospects: "pa.RecordBatch") -> "pa.RecordBatch":
    """Add the keys of the values last synced."""
    bases = {f"base_{cle}": calculer(prospects[f"base_{colonne}"], calcul) for cle, (colonne, calcul) in CLES.items()}
    return avec(prospects, bases)


def _nommes(decisions: Decisions, genre: str) -> list[str]:
    return sorted(noeud.removeprefix(genre) for noeud in nommes(decisions) if noeud.startswith(genre))


def _mots(colonne: Any) -> set[str]:
    return {mot for texte in distincts(colonne) for mot in texte.split()}


def _cles_des(prospects: "pa.RecordBatch") -> set[str]:
    return set(distincts(prospects["cle_email"])) | _mots(prospects["cles_telephone"])


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
) -> "pa.RecordBatch":
    """Read the CRM clients that share a key, hold a reference, are linked, or are named in a decision."""
    with bases.transaction(bases.crm["client"].service) as connexion:
        _rafraichir_cles(connexion, bases.crm)
        if not connexion.execute(requete("candidats.a_des_cles")).fetchone():
            return tableau(CLIENTS, ())
        parametres = {"cles": sorted(cherchees), "connus": bases.crm["client"].ids(sorted(set(connus)))}
        clients = lire(connexion, bases.crm.composer("candidats.clients"), parametres)
    qui = clients["crm_id"]
    nombres = dict(lignes_du_crm(bases, "contrat", "contrats.nombres", clients=qui.to_pylist()))
    references = {client_id: " ".join(siennes) for client_id, siennes in detenues.items()}
    combien = calculer(qui, lambda crm_id: str(nombres.get(crm_id, 0)))
    return avec(clients, {"references": traduire(qui, references), "nb_contrats": combien})


def _rafraichir_cles(connexion: Connexion, crm: Correspondance) -> None:
    """Bring the cached keys of CRM clients to their present values; only changed rows are looked at in Python."""
    lues = lire(connexion, crm.composer("candidats.cles_a_rafraichir"))
    if not lues.num_rows:
        return
    perimees = avec(lues, {cle: calculer(lues[colonne], calcul) for cle, (colonne, calcul) in CLES.items()})
    with provisoire(connexion, "cles", textes(perimees.schema.names)) as table:
        verser(connexion, table, perimees)
        connexion.execute(requete("candidats.cles_rafraichies"))


def _vendeurs(bases: Bases) -> frozenset[str]:
    """Give the e-mail and phone keys of every known sales rep, in the source and in the CRM."""
    contacts = [
        *bases.connexion("sync").execute(requete("candidats.vendeurs")).fetchall(),
        *lignes_du_crm(bases, "apporteur", "candidats.apporteurs"),
        *lignes_du_crm(bases, "utilisateur", "candidats.utilisateurs"),
    ]
    # One person stands in all three, mostly: each contact is worked out once.
    cles = {cle for telephone in {telephone for _, telephone in contacts} for cle in cles_telephone(telephone)}
    return frozenset(cles.union(filter(None, map(cle_email, {email for email, _ in contacts}))))
