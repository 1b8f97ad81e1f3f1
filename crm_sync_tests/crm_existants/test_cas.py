"""The hand-made cases are what they claim, tried on the CRM whose rules are known: the same people in the built-in tables.

Without those in which a soft-deleted row has a part: the built-in tables know no such row.
"""

from collections.abc import Iterator

import psycopg
import pytest

from crm_sync_tests.conftest import Base
from crm_sync_tests.crm_existants import CAS, prospects_des_cas
from crm_sync_tests.crm_existants.crm import copier, rassembler
from crm_sync_tests.crm_existants.lignes import ANCIEN, TOUCHE, Lignes, Remplissage
from crm_sync_tests.crm_existants.tables_typeorm import identifiant
from crm_sync_tests.gens import passer

VIVANTS = [cas for cas in CAS if not cas.supprime]


def de(entite: str, cle: str | None) -> str | None:
    return None if cle is None else identifiant(entite, cle, 0)


def remplir(lignes: Lignes) -> Iterator[Remplissage]:
    """Give the same rows for the built-in tables, where a contract has a client and a broker: where none, `perdu`, `import`."""
    yield Remplissage(
        "core",
        ("service_core", "utilisateur"),
        ("id", "email", "nom", "prenom", "telephone", "role", "actif"),
        [
            (de("utilisateur", u.cle), u.email, u.nom, u.prenom, u.telephone, u.role, u.actif)
            for u in lignes.utilisateurs
            if u.role != "autre"
        ],
    )
    yield Remplissage(
        "core",
        ("service_core", "client_base"),
        ("id", "nom", "prenom", "email", "telephone", "created_at", "updated_at"),
        [(de("client", c.cle), c.nom, c.prenom, c.email, c.telephone, c.cree_le, c.modifie_le) for c in lignes.clients],
    )
    yield Remplissage(
        "commercial",
        ("service_commercial", "apporteur"),
        ("id", "utilisateur_id", "nom", "prenom", "email", "telephone"),
        [
            (de("apporteur", a.cle), de("utilisateur", a.utilisateur), a.nom, a.prenom, a.email, a.telephone)
            for a in lignes.apporteurs
        ],
    )
    yield Remplissage(
        "commercial",
        ("service_commercial", "contrat"),
        (
            "id",
            "reference",
            "statut",
            "statut_source",
            "montant",
            "date_signature",
            "client_id",
            "commercial_id",
            "created_at",
            "updated_at",
        ),
        [
            (
                *(de("contrat", c.reference), c.reference, c.statut, c.statut_source, c.montant, c.signe_le),
                *(de("client", c.client or "perdu"), de("apporteur", c.apporteur or "import"), ANCIEN, c.modifie_le),
            )
            for c in lignes.contrats
        ],
    )


@pytest.fixture
def synchronisee(base: Base) -> Base:
    """The built-in tables with the cases' people, after a first sync of their prospects."""
    with psycopg.connect(base.url) as connexion:
        for remplissage in remplir(rassembler(VIVANTS)):
            copier(connexion, remplissage)
    passer(base, *prospects_des_cas(*(cas.cle for cas in VIVANTS)))
    return base


def test_a_first_sync_ends_as_each_case_says(synchronisee: Base):
    liens = {
        int(source_id): (regle, crm_id)
        for source_id, regle, crm_id in synchronisee.lire(
            "select source_id, regle, crm_id from crm_sync.lien_externe where entite = 'client'"
        )
    }
    attendus = {
        numero: (attendu.regle, de("client", attendu.client) if attendu.client else liens[numero][1])
        for cas in VIVANTS
        for numero, attendu in cas.attendus.items()
    }
    assert liens == attendus
    nouveaux = {liens[n][1] for cas in VIVANTS for n, a in cas.attendus.items() if a.client is None}
    assert not nouveaux & {de("client", client.cle) for cas in VIVANTS for client in cas.clients}

    noms: dict[str, str | int] = {f"client:{de('client', c.cle)}": c.cle for cas in VIVANTS for c in cas.clients}
    noms |= {f"prospect:{numero}": numero for numero in liens}
    paires = synchronisee.lire("select id_a, id_b from crm_sync.doublon_possible where ferme_le is null")
    signales = sorted(sorted(str(noms[qui]) for qui in paire) for paire in paires)
    assert signales == sorted(sorted(map(str, paire)) for cas in VIVANTS for paire in cas.doublons)


def test_a_case_that_says_the_same_is_not_written(synchronisee: Base):
    touchees = """
        select id::text, updated_at from service_core.client_base
        union all select id::text, updated_at from service_commercial.contrat
    """
    modifie = dict(synchronisee.lire(touchees))
    egaux = [cas for cas in VIVANTS if cas.inchange]
    assert egaux
    for cas in egaux:
        assert {modifie[de("client", c.cle)] for c in cas.clients} == {TOUCHE}
        assert {modifie[de("contrat", c.reference)] for c in cas.contrats} == {TOUCHE}
    assert modifie[de("contrat", "H0012ZZZ")] != TOUCHE
