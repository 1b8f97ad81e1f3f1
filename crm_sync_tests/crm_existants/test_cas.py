"""The hand-made cases are what they claim, tried on the CRM whose rules are known: the same people in the built-in tables.

Without those in which a soft-deleted row has a part: the built-in tables know no such row.
"""

from collections.abc import Iterator

import psycopg

from crm_sync_tests.conftest import Base
from crm_sync_tests.crm_existants import CAS, prospects_des_cas
from crm_sync_tests.crm_existants.crm import copier, rassembler
from crm_sync_tests.crm_existants.lignes import ANCIEN, Lignes, Remplissage
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
            "montant",
            "date_signature",
            "client_id",
            "commercial_id",
            "created_at",
            "updated_at",
        ),
        [
            (
                *(de("contrat", c.reference), c.reference, c.statut, c.montant, c.signe_le),
                *(de("client", c.client or "perdu"), de("apporteur", c.apporteur or "import"), ANCIEN, c.modifie_le),
            )
            for c in lignes.contrats
        ],
    )


def test_each_prospect_meets_whom_its_case_says_by_the_rule_that_it_says(base: Base):
    with psycopg.connect(base.url) as connexion:
        for remplissage in remplir(rassembler(VIVANTS)):
            copier(connexion, remplissage)
    passer(base, *prospects_des_cas(*(cas.cle for cas in VIVANTS)))
    liens = {
        int(source_id): (regle, crm_id)
        for source_id, regle, crm_id in base.lire(
            "select source_id, regle, crm_id from crm_sync.lien_externe where entite = 'client'"
        )
    }
    attendus = {
        numero: (attendu.regle, de("client", attendu.client) if attendu.client else liens[numero][1])
        for cas in VIVANTS
        for numero, attendu in cas.attendus.items()
    }
    assert liens == attendus
    nouveaux = [liens[n][1] for cas in VIVANTS for n, a in cas.attendus.items() if a.client is None]
    avant = {de("client", client.cle) for cas in VIVANTS for client in cas.clients}
    assert not avant & set(nouveaux)
