"""The 360° view: one client whole, as the read API gives it, and how fresh it is.

Grain: one document per client. That the viewer sees the client is decided before (`visibilite.voit_client`); what belongs to
others - the other side of a possible duplicate, another client's id in a history - is decided here, by the same rule. No IBAN,
BIC or identity card passes: the database gives four characters at most, and the rest is masked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_sync.crm import contrats_vus, visibilite
from crm_sync.crm.connexion import Bases
from crm_sync.crm.kpi import service_kpi
from crm_sync.crm.lecture import lire
from crm_sync.crm.visibilite import Spectateur
from crm_sync.domain import phrases
from crm_sync.domain.apercu import apercu
from crm_sync.domain.keys import cle_reference
from crm_sync.domain.masques import CACHE, masquer
from crm_sync.domain.valeurs import ValeurIllisible, lire_instant

PARIS = ZoneInfo("Europe/Paris")
CHANGEMENTS = 20
PERIME = timedelta(hours=2)
"""Age from which figures and views are said to be stale: a sync an hour, and one may fail."""
CACHES = frozenset({"iban", "bic", "identity_card"})
COTES = ("avant", "apres")
ECRITURES = {
    "creation": "créé par la synchronisation",
    "suppression": "retiré par l'annulation d'une exécution",
}

Ligne = dict[str, Any]


def vue(bases: Bases, qui: Spectateur, client_id: str, maintenant: datetime) -> Ligne | None:
    """Read all that is known of a client; None where there is no such client."""
    clients = lire(bases, "core", "vue_360.client", id=client_id)
    if not clients:
        return None
    client = clients[0]
    carte, expire = client.pop("carte"), client.pop("carte_expire")
    contrats = contrats_vus.du_client(bases, client_id)
    paiements = lire(bases, "finance", "vue_360.paiements", id=client_id, fin=qui.encadre)
    lignes = {("client", client_id): None} | {("contrat", c["id"]): c["reference"] for c in contrats}
    lignes |= {("information_paiement", p["id"]): None for p in paiements}
    disparus = _disparus(bases, lignes)
    souscriptions, versements = _souscriptions(bases, client_id, contrats)
    return {
        "client": client,
        "contrats": contrats,
        "paiements": [
            {
                "fin": p["fin"],
                "bic": None,
                "disparu_le": disparus.get(("information_paiement", p["id"]), {}).get("disparu_le"),
            }
            for p in paiements
        ],
        "carte_identite": {"presente": carte, "expire_le": _jour(expire) if carte else None},
        "souscriptions": souscriptions,
        "versements": versements,
        "changements": changements(bases, client_id, lignes),
        "doublons": _doublons(bases, qui, client_id),
        "disparus": [
            {"entite": entite, "reference": lignes[entite, crm_id], **marque}
            for (entite, crm_id), marque in disparus.items()
        ],
        "fraicheur": fraicheur(bases, client_id, maintenant),
    }


def changements(bases: Bases, client_id: str | None, lignes: Mapping[tuple[str, str], str | None]) -> list[Ligne]:
    """Read what was last written to these rows (entity and id → reference), one entry per field, newest first.

    `client_id`: the client whose view this is; another one is not named.
    """
    entrees = lire(bases, "sync", "vue_360.changements", limite=CHANGEMENTS, **_cles(lignes))
    commerciaux = [(entree["champs"] or {}).get("commercial_id") or {} for entree in entrees]
    noms = contrats_vus.noms_apporteurs(bases, (change.get(cote) for change in commerciaux for cote in COTES))
    dits: list[Ligne] = []
    for entree in entrees:
        commun = {
            "le": entree["le"],
            "run_id": entree["run_id"],
            "entite": entree["entite"],
            "reference": lignes.get((entree["entite"], entree["crm_id"])),
        }
        if entree["action"] in ECRITURES:
            vide = {"champ": None, "avant": None, "apres": None}
            dits.append(commun | vide | {"regle": entree["action"], "phrase": ECRITURES[entree["action"]]})
            continue
        dits += [
            commun
            | {
                "champ": champ,
                **{cote: _dire(champ, change.get(cote), client_id, noms) for cote in COTES},
                "regle": change.get("regle") or entree["regle"],
                "phrase": phrases.champ(change.get("regle") or entree["regle"], change.get("gagnant")),
            }
            for champ, change in (entree["champs"] or {}).items()
        ]
    return dits[:CHANGEMENTS]


def _dire(champ: str, valeur: str | None, client_id: str | None, noms: Mapping[str, str | None]) -> str | None:
    """Say a value as it may be shown: `noms` of sales reps by id, another client not named, what is private masked."""
    if valeur is None or champ in CACHES:
        return CACHE if valeur is not None else None
    if champ == "client_id":
        return "ce client" if valeur == client_id else "un autre client"
    return noms.get(valeur) or valeur if champ == "commercial_id" else masquer(champ, valeur)


def fraicheur(bases: Bases, client_id: str | None, maintenant: datetime) -> Ligne:
    """Say how fresh what is shown is; stale where the last sync that ended well is older than two hours, or there is none."""
    synchronisee = synchronise_le(bases)
    vu = lire(bases, "sync", "vue_360.vu_dans_la_source", id=client_id)[0]["le"] if client_id else None
    return {
        "derniere_synchronisation": synchronisee,
        "vu_dans_la_source_le": vu,
        "calcule_le": lire(bases, service_kpi(bases), "kpi_vu.calcule_le")[0]["le"],
        "perime": perime(synchronisee, maintenant),
    }


def synchronise_le(bases: Bases) -> str | None:
    """Read when the last sync ended well, as ISO text; None where none has."""
    le: str | None = lire(bases, "sync", "vue_360.derniere_synchronisation")[0]["le"]
    return le


def perime(le: str | None, maintenant: datetime) -> bool:
    """Tell whether something of this instant (ISO text) is stale."""
    return le is None or maintenant - datetime.fromisoformat(le) > PERIME


def _cles(lignes: Mapping[tuple[str, str], str | None]) -> dict[str, list[str]]:
    return {
        "lignes": [f"{entite} {crm_id}" for entite, crm_id in lignes],
        "ids": list({crm_id for _, crm_id in lignes}),
    }


def _disparus(bases: Bases, lignes: Mapping[tuple[str, str], str | None]) -> dict[tuple[str, str], Ligne]:
    marques = lire(bases, "sync", "vue_360.disparus", **_cles(lignes))
    return {(m["entite"], m["crm_id"]): {"depuis": m["depuis"], "disparu_le": m["disparu_le"]} for m in marques}


def _souscriptions(bases: Bases, client_id: str, contrats: Sequence[Ligne]) -> tuple[list[Ligne], list[Ligne]]:
    references = {cle: c["reference"] for c in contrats if (cle := cle_reference(c["reference"]))}
    souscriptions: list[Ligne] = []
    versements: list[Ligne] = []
    for prospect in lire(bases, "sync", "vue_360.prospects", id=client_id):
        siennes, verses = apercu(prospect["charge"], references)
        souscriptions += siennes
        versements += verses
    return souscriptions, versements


def _doublons(bases: Bases, qui: Spectateur, client_id: str) -> list[Ligne]:
    """Read the possible duplicates whose other side the viewer sees; a prospect that is no client yet is its sales rep's."""
    paires = lire(bases, "sync", "vue_360.doublons", id=client_id)
    vus = visibilite.clients_vus(bases, qui, [p["client_id"] for p in paires if p["client_id"]])
    noms = contrats_vus.noms_clients(bases, vus)
    dits: dict[tuple[str | None, str | None], Ligne] = {}
    for paire in paires:
        autre, prospect = paire["client_id"], paire["prospect_id"]
        if autre not in noms if autre else not qui.voit_apporteur(paire["commercial_id"]):
            continue
        faits = {cle: v for cle, v in (paire["preuve"] or {}).items() if cle in {"cles", "motif", "par_groupe"}}
        dits.setdefault(
            (autre, prospect),
            {
                "client_id": autre,
                "prospect_id": prospect,
                "nom": noms.get(autre) if autre else paire["nom"],
                "phrase": phrases.preuve(faits),
                "signale_le": paire["signale_le"],
            },
        )
    return list(dits.values())


def _jour(texte: str | None) -> str | None:
    """Read the day of an expiry, which the source writes as an instant: the day that it is in Paris."""
    try:
        instant = lire_instant(texte)
        return instant.astimezone(PARIS).date().isoformat() if instant else None
    except (ValeurIllisible, OverflowError):  # the last hour of the year 9999 is none in Paris
        return None
