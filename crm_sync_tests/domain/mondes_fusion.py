"""Small worlds for *the most recent wins*: source nodes over CRM rows, and the sync that follows a plan."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from crm_sync.domain.lots import tableau
from crm_sync.domain.plan import COLONNES, Plan, dresser
from crm_sync.domain.temps import temps_source
from crm_sync.domain.types import CHAMPS

Ligne = dict[str, str | None]

T1, T2, T3, T4 = (
    "2025-03-01 08:00:00+00",
    "2025-03-02 08:00:00+00",
    "2025-03-02 08:00:00.5+00",
    "2025-03-03 00:00:00+00",
)
MAINTENANT = "2025-03-04 00:00:00+00"
TEMPS = (T1, T2, T3, T4)

DU_NOEUD = ("source_id", "crm_id", "regle", "preuve", "modifie_a", "vu_le", "empreinte")
DU_LIEN = ("lien_empreinte", "lien_modifie_a", "lien_source_le", "vu")
DE_LA_LIGNE = ("crm_id", "jeton", "modifie_crm", "notre_ecriture")


def colonnes(entite: str) -> tuple[str, ...]:
    return (*DU_NOEUD, *DU_LIEN, *(f"{sorte}{c.nom}" for c in CHAMPS[entite] for sorte in ("", "base_")))


def decision(entite: str, source_id: str, crm_id: str, modifie_a: str | None = T1, **valeurs: str | None) -> Ligne:
    """A source node whose content is new; what is not said is null: `email`, `base_email`, `lien_source_le` …"""
    communs = {"source_id": source_id, "crm_id": crm_id, "modifie_a": modifie_a, "regle": "lien"}
    return {**dict.fromkeys(colonnes(entite)), **communs, "vu_le": T4, "empreinte": "neuve", **valeurs}


def ligne_crm(entite: str, crm_id: str, **valeurs: str | None) -> Ligne:
    communs = {"crm_id": crm_id, "jeton": f"xmin-{crm_id}", "notre_ecriture": "false"}
    return {**dict.fromkeys((*DE_LA_LIGNE, *(f"crm_{c.nom}" for c in CHAMPS[entite]))), **communs, **valeurs}


def dresse(entite: str, decisions: Sequence[Ligne], crm: Sequence[Ligne] = (), maintenant: str = MAINTENANT) -> Plan:
    """Plan, and check what holds of every plan."""
    des_crm = (*DE_LA_LIGNE, *(f"crm_{c.nom}" for c in CHAMPS[entite]))
    plan = dresser(
        entite,
        tableau(colonnes(entite), [tuple(d[c] for c in colonnes(entite)) for d in decisions]),
        tableau(des_crm, [tuple(ligne[c] for c in des_crm) for ligne in crm]),
        maintenant,
    )
    assert len(plan.lignes["crm_id"].unique()) == plan.lignes.num_rows
    assert set(plan.lignes.schema.names) == {*COLONNES, *(c.nom for c in CHAMPS[entite])}
    rencontrees = {d["crm_id"] for d in decisions} & {ligne["crm_id"] for ligne in crm}
    assert sorted(plan.bases["crm_id"].to_pylist()) == sorted(map(str, rencontrees))
    assert len(plan.vus) == plan.bases.num_rows
    return plan


def lignes(plan: Plan) -> dict[str, Ligne]:
    """CRM id → its row of the plan."""
    return {ligne.pop("crm_id"): ligne for ligne in plan.lignes.to_pylist()}


def entrees(plan: Plan) -> dict[str, dict[str, Any]]:
    """CRM id → its entries of `champs`; rows to be made have none."""
    return {crm_id: json.loads(ligne["champs"]) for crm_id, ligne in lignes(plan).items() if ligne["champs"]}


def vus(plan: Plan) -> dict[str, Any]:
    """CRM id → what is to be remembered of it."""
    return {crm_id: json.loads(texte) for crm_id, texte in souvenirs_par_ligne(plan).items() if texte}


def souvenirs_par_ligne(plan: Plan) -> dict[str, str | None]:
    return dict(zip(plan.bases["crm_id"].to_pylist(), plan.vus.to_pylist(), strict=True))


def bases(plan: Plan) -> dict[str, Ligne]:
    return {ligne.pop("crm_id"): ligne for ligne in plan.bases.to_pylist()}


def appliquer(
    entite: str, plan: Plan, decisions: Sequence[Ligne], crm: Sequence[Ligne], maintenant: str = MAINTENANT
) -> tuple[list[Ligne], list[Ligne]]:
    """What the next sync of the same answer meets: the links as they were settled, the CRM as it was written."""
    noms = [c.nom for c in CHAMPS[entite]]
    ecrites = lignes(plan)
    souvenirs, communes = souvenirs_par_ligne(plan), bases(plan)
    cadree = tableau(colonnes(entite), [tuple(d[c] for c in colonnes(entite)) for d in decisions])
    apres = [
        {
            **d,
            **{f"base_{nom}": communes.get(str(d["crm_id"]), d)[nom] for nom in noms},
            "lien_empreinte": d["empreinte"],
            "lien_modifie_a": d["modifie_a"],
            "lien_source_le": le,
            "vu": souvenirs.get(str(d["crm_id"])),
        }
        for d, le in zip(decisions, temps_source(cadree).to_pylist(), strict=True)
    ]
    creees = [ligne_crm(entite, i) for i, ligne in ecrites.items() if ligne["action"] == "creation"]
    suivantes = []
    for ligne in (*crm, *creees):
        dits = {f"crm_{n}": v for n in noms if (v := ecrites.get(str(ligne["crm_id"]), {}).get(n)) is not None}
        suivantes.append({**ligne, **dits, **({"modifie_crm": maintenant, "notre_ecriture": "true"} if dits else {})})
    return apres, suivantes


# --- Strategies

VALEURS: Mapping[str, tuple[str | None, ...]] = {
    "nom": ("Moreau", None, "Roux", " Moreau"),
    "prenom": (None, None, "Inès", "Agnès", "Ine\u0300s"),
    "email": ("a@x.fr", None, "A@X.fr", "b@x.fr", "c@x.fr"),
    "telephone": (None, "0645671234", "+33645671234", "0645671235"),
    "identity_card": (None, '{"a": 1, "b": 2}', '{"b":2,"a":1}', '{"a": 2}'),
}
NOMS = tuple(VALEURS)
instants = st.sampled_from(TEMPS)
peut_etre = st.sampled_from((None, *TEMPS))
valeurs = {nom: st.sampled_from(choix) for nom, choix in VALEURS.items()}


@st.composite
def souvenirs(draw) -> str | None:
    """What a link remembers of the CRM's values, true or not of what the CRM holds now."""
    vus = {nom: {"valeur": draw(valeurs[nom]), "le": draw(instants)} for nom in NOMS if draw(st.booleans())}
    return json.dumps(vus) if vus else None


@st.composite
def mondes(draw, rangs: str = "abcdefgh") -> tuple[list[Ligne], list[Ligne]]:
    """One to three nodes for each of some CRM rows, with and without links, times and memories; and those rows."""
    noeuds, crm = [], []
    for crm_id in rangs[: draw(st.sampled_from((1, len(rangs) // 2, len(rangs))))]:
        reel = {
            "modifie_crm": draw(peut_etre),
            "notre_ecriture": draw(st.sampled_from((None, "true", "false", "false"))),
        }
        crm.append(ligne_crm("client", crm_id, **reel, **{f"crm_{nom}": draw(valeurs[nom]) for nom in NOMS}))
        connue = draw(st.booleans())
        for i in range(draw(st.sampled_from((1, 1, 2, 3)))):
            noeud = decision(
                "client",
                f"{crm_id}{i}",
                crm_id,
                draw(peut_etre),
                vu_le=draw(instants),
                **{nom: draw(valeurs[nom]) for nom in NOMS},
            )
            if connue and draw(st.sampled_from((True, True, False))):
                noeud |= {
                    "lien_empreinte": draw(st.sampled_from(("neuve", "autre"))),
                    "lien_modifie_a": draw(peut_etre),
                    "lien_source_le": draw(peut_etre),
                    "vu": draw(souvenirs()),
                    **{f"base_{nom}": draw(valeurs[nom]) for nom in NOMS},
                }
            noeuds.append(noeud)
    return draw(st.permutations(noeuds)), crm
