"""What code and SQL say of each other: statements, columns and types, and the names that others rely on."""

import re

from crm_sync.crm import requetes
from crm_sync.crm.correspondance import INTEGREE
from crm_sync.settings import REPO
from crm_sync_tests.conftest import Base

CONTRAT = {
    "service_core.utilisateur": "id email nom prenom telephone role manager_id actif created_at updated_at",
    "service_core.client_base": "id nom prenom email telephone statut identity_card created_at updated_at",
    "service_commercial.apporteur": "id utilisateur_id nom prenom email telephone created_at updated_at",
    "service_commercial.contrat": (
        "id reference description statut statut_source type fournisseur produit montant date_signature date_validation "
        "document_url audit_trail_url client_id commercial_id created_at updated_at"
    ),
    "service_finance.information_paiement_bancaire": "id client_id iban bic created_at updated_at",
    "service_commercial.kpi_contrats_par_commercial": (
        "commercial_id utilisateur_id manager_id nom prenom nb_contrats nb_en_attente nb_signes nb_valides nb_annules "
        "nb_resilies nb_autres nb_clients montant_total montant_valide part rang dernier_contrat_le calcule_le nb_vendus "
        "montant_vendu"
    ),
    "service_commercial.kpi_contrats_par_mois": "commercial_id mois statut nb_contrats montant",
    "crm_sync.demande_sync": "id demande_par demande_le statut etape run_id commence_le termine_le resultat message",
    "crm_sync.prospect_brut": "",
    "crm_sync.lien_externe": "",
    "crm_sync.rejet": "",
    "crm_sync.doublon_possible": "",
    "crm_sync.journal": "",
    "crm_sync.contrat_commercial_historique": "",
    "crm_sync.synchronisation": "",
}


def colonnes(base: Base, relation: str) -> dict[str, str]:
    return dict(
        base.lire(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
            relation,
        )
    )


def test_every_statement_is_used_and_every_used_one_exists() -> None:
    ecrites = {
        f"{fichier.stem}.{nom}"
        for fichier in requetes.DOSSIER.glob("*.sql")
        for nom in requetes.EN_TETE.findall(fichier.read_text(encoding="utf-8"))
    }
    code = "\n".join(fichier.read_text(encoding="utf-8") for fichier in (REPO / "crm_sync").rglob("*.py"))
    # Names are written whole, or put together from a file's name and one word.
    mots = set(re.findall(r"[\"'{.]([a-z_]+(?:\.[a-z_]+)?)[\"'}]", code)) | set(re.findall(r"\.([a-z_]+)\"", code))
    inutiles = {nom for nom in ecrites if nom not in mots and nom.split(".")[1] not in mots}
    inutiles -= {
        f"normalises.{verbe}_{table}" for verbe in ("presence", "oublier") for table in (*TABLES_NORMALISEES, "rejet")
    }
    assert not inutiles
    citees = set(re.findall(r"requete\(\"([a-z_]+\.[a-z_]+)\"\)", code))
    assert citees
    assert citees <= ecrites


TABLES_NORMALISEES = ("normalisation", "clients", "contrats", "informations_paiement")


def test_the_mapping_is_as_the_catalogue_says(base: Base) -> None:
    for entite, table in INTEGREE.items():
        assert colonnes(base, f"{table.schema}.{table.table}") == table.types, entite


def test_the_names_that_the_crm_relies_on_are_there(base: Base) -> None:
    for relation, attendues in CONTRAT.items():
        reelles = colonnes(base, relation)
        assert reelles, relation
        assert set(attendues.split()) <= reelles.keys(), relation


def test_a_request_needs_only_an_id_and_a_name(base: Base) -> None:
    base.lire("insert into crm_sync.demande_sync (id, demande_par) values (gen_random_uuid(), 'essai')")
    assert base.lire("select statut, demande_le is not null from crm_sync.demande_sync") == [("en_attente", True)]
