"""Small invented worlds for the tests of identity: rows, batches, and the answer as plain values."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from crm_sync.domain.identity import Decisions, Identification, identifier
from crm_sync.domain.keys import cle_email, cle_nom
from crm_sync.domain.lots import tableau
from crm_sync_tests.domain.oracle_identite import Decision, Ligne

BASES = ("base_cle_nom", "base_cle_prenom", "base_cle_email", "base_cles_telephone")
CLES = ("cle_nom", "cle_prenom", "cle_email", "cles_telephone", "references")
PROSPECTS = ("source_id", "attend", "naissance", "crm_id", *CLES, *BASES)
CLIENTS = ("crm_id", "nb_contrats", "cree_le", "supprime", *CLES)
COURRIEL, AUTRE_COURRIEL, MOBILE, AUTRE_MOBILE = "foyer@x.example", "soi@x.example", "+33645671234", "+33645671235"
TOT, TARD = "2024-01-01 08:00:00+00", "2024-06-01 08:00:00+00"


def qui(nom: str | None, prenom: str | None, email=None, tel=None, refs=None) -> dict[str, str | None]:
    return {
        "cle_nom": cle_nom(nom),
        "cle_prenom": cle_nom(prenom),
        "cle_email": cle_email(email),
        "cles_telephone": tel,
        "references": refs,
    }


def prospect(
    source_id: str,
    nom: str | None,
    prenom: str | None,
    email=None,
    tel=None,
    refs=None,
    *,
    ne=None,
    lien=None,
    base: Sequence[str | None] = (None, None, None, None),
    attend: bool = True,
) -> Ligne:
    """`base`: last name, first name, e-mail and phone as last synced."""
    return {
        "source_id": source_id,
        "attend": "true" if attend else "false",
        "naissance": ne,
        "crm_id": lien,
        **qui(nom, prenom, email, tel, refs),
        **dict(zip(BASES, list(qui(*base).values())[:4], strict=True)),
    }


def client(
    crm_id: str,
    nom: str | None,
    prenom: str | None,
    email=None,
    tel=None,
    refs=None,
    *,
    contrats="0",
    cree_le=TOT,
    supprime: bool = False,
) -> Ligne:
    return {
        "crm_id": crm_id,
        "nb_contrats": contrats,
        "cree_le": cree_le,
        "supprime": "true" if supprime else "false",
        **qui(nom, prenom, email, tel, refs),
    }


def lots(prospects: Sequence[Ligne], clients: Sequence[Ligne]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    return (
        tableau(PROSPECTS, [tuple(p[c] for c in PROSPECTS) for p in prospects]),
        tableau(CLIENTS, [tuple(c[colonne] for colonne in CLIENTS) for c in clients]),
    )


def identite(*lignes: Ligne, decisions: Sequence[Decision] = (), vendeurs: Collection[str] = ()) -> Identification:
    return identifier(
        *lots([x for x in lignes if "source_id" in x], [x for x in lignes if "source_id" not in x]),
        Decisions.lues(decisions),
        vendeurs,
    )


def trouver(*lignes: Ligne, **autres: Any) -> dict[str, dict[str, Any]]:
    """Source id → its row."""
    return {ligne["source_id"]: ligne for ligne in identite(*lignes, **autres).lignes.to_pylist()}


def clients_de(*lignes: Ligne, **autres: Any) -> dict[str, tuple[str | None, str]]:
    return {source_id: (t["crm_id"], t["regle"]) for source_id, t in trouver(*lignes, **autres).items()}


def personnes(*lignes: Ligne, **autres: Any) -> set[frozenset[str]]:
    """The sets of prospects that become one new client each."""
    return nouvelles_personnes(trouver(*lignes, **autres).values())


def nouvelles_personnes(trouves: Iterable[Mapping[str, Any]]) -> set[frozenset[str]]:
    groupes: dict[str, set[str]] = {}
    for trouve in trouves:
        if trouve["crm_id"] is None:
            groupes.setdefault(trouve["groupe"], set()).add(trouve["source_id"])
    return {frozenset(groupe) for groupe in groupes.values()}


def doublons(*lignes: Ligne, **autres: Any) -> set[tuple[str, str]]:
    return {(d["id_a"], d["id_b"]) for d in identite(*lignes, **autres).doublons.to_pylist()}


# --- Villages where everybody shares something with somebody

PRENOMS = (None, *("ines",) * 4, "ines lou", "i", "paul", "paul", "lou", "isabelle", "isabele", "inconnu")
NOMS_DE_FAMILLE = (None, *("moreau",) * 4, "moreau roux", "roux", "durand", "ines")
COURRIELS = (None, None, "a@x.fr", "b@x.fr", "c@x.fr", "info@x.fr")
TELEPHONES = (None, None, "+331", "+332", "+331 +332", "+333 +334", "+333", "+339")
REFERENCES = (None, None, None, "R1", "R2", "R1 R3", "N/A")
NAISSANCES = (None, None, None, None, "1984-05-12", "1955-01-01")
VENDEURS = ("+339",)
Village = tuple[list[Ligne], list[Ligne], list[Decision]]


def village(graine: int) -> Village:
    """Invent one: drawn by a seed, for drawing each value by itself would take most of a test's time."""
    hasard = Random(graine)

    def habitant(prefixe: str = "") -> dict[str, str | None]:
        return {
            f"{prefixe}cle_nom": hasard.choice(NOMS_DE_FAMILLE),
            f"{prefixe}cle_prenom": hasard.choice(PRENOMS),
            f"{prefixe}cle_email": hasard.choice(COURRIELS),
            f"{prefixe}cles_telephone": hasard.choice(TELEPHONES),
        }

    def lie(source_id: str, lien: str | None) -> Ligne:
        soi = habitant()
        base = hasard.choice(({f"base_{c}": v for c, v in soi.items()}, habitant("base_"), dict.fromkeys(BASES)))
        return {
            "source_id": source_id,
            "attend": hasard.choice(("true", "true", "true", "false")),
            "naissance": hasard.choice(NAISSANCES),
            "references": hasard.choice(REFERENCES),
            "crm_id": lien,
            **soi,
            **(base if lien else dict.fromkeys(BASES)),
        }

    ids, crm_ids = "123456"[: hasard.randint(1, 6)], "abcd"[: hasard.randint(0, 4)]
    prospects = [lie(i, hasard.choice((*(None,) * 8, *crm_ids, "z"))) for i in ids]
    clients = [
        {
            "crm_id": c,
            "references": hasard.choice(REFERENCES),
            "nb_contrats": hasard.choice((None, "0", "2")),
            "cree_le": hasard.choice((None, TOT, TARD)),
            "supprime": hasard.choice(("false", "false", "true")),
            **habitant(),
        }
        for c in crm_ids
    ]
    noeuds = [*(f"prospect:{i}" for i in ids), *(f"client:{c}" for c in (*crm_ids, "z"))]
    decisions = [
        (hasard.choice(("meme", "different")), hasard.choice(noeuds), hasard.choice(noeuds))
        for _ in range(hasard.choice((0, 0, 1, 2, 4)))
    ]
    hasard.shuffle(prospects)
    hasard.shuffle(clients)
    return prospects, clients, decisions


villages = st.builds(village, st.integers(0, 2**40))
