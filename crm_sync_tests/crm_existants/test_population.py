# ruff: noqa: S608  the names of tables and columns are those of TABLES
"""The people of the existing CRMs are what they claim: counts per case, required columns, people of the source among them."""

from typing import Any

import pytest

from crm_sync.source.population import prospects
from crm_sync_tests.crm_existants import (
    CAS,
    PERDU,
    PRISMA,
    TYPEORM,
    CrmExistant,
    Modele,
    Serveur,
    crm_existant,
    effectifs,
    prospects_des_cas,
)

TABLES = {
    "typeorm": {
        "clients": ("public.clients", '"deletedAt"', "email", '"phoneNumber"', '"lastName"', '"firstName"'),
        "contrats": ("public.contracts", '"deletedAt"', '"contractReference"', '"clientId"'),
    },
    "prisma": {
        "clients": ("core.clients", "archive_le", "mail", "portable", "nom", "prenom"),
        "contrats": ("commercial.contrats", "supprime_le", "numero", "client_id"),
    },
}
MODELES = pytest.mark.parametrize("modele", [TYPEORM, PRISMA], ids=lambda modele: modele.nom)


def une(crm: CrmExistant, requete: str, service: Any = "core") -> tuple[Any, ...]:
    (ligne,) = crm.lire(service, requete)
    return ligne


@MODELES
def test_a_crowd_has_as_many_of_each_kind_as_it_says(modele: Modele, serveur: Serveur):
    nombre = 6_000
    with crm_existant(modele, serveur, foule=nombre) as crm, crm_existant(modele, serveur) as sans:
        table, supprime, email, telephone, nom, prenom = TABLES[modele.nom]["clients"]
        chiffres = f"right(regexp_replace({telephone}, '[^0-9]', '', 'g'), 9)"
        groupes = f"""
            select count(*) filter (where prenoms = 1), count(*) filter (where prenoms = 2) from (
                select count(distinct {prenom}) as prenoms from {table} where {{adresse}} like '%avenue de la Foule'
                group by {nom}, {chiffres} having count(*) > 1
            ) as g
        """.replace("{adresse}", '"addressLine"' if modele is TYPEORM else "adresse")
        jumeaux, couples = une(crm, groupes)
        decompte = f"select count(*), count({supprime}), count(*) - count({email}) from {table}"
        clients, supprimes, sans_email = (a - b for a, b in zip(une(crm, decompte), une(sans, decompte), strict=True))
        table, supprime, reference, client = TABLES[modele.nom]["contrats"]
        decompte = f"""select count(*), count({supprime}), count(*) filter (where {reference} like '%% fou'),
            count(*) - count({client}) from {table}""".replace("%%", "%")
        contrats, contrats_supprimes, importes, sans_client = (
            a - b for a, b in zip(une(crm, decompte, "commercial"), une(sans, decompte, "commercial"), strict=True)
        )
        connus = {ligne[0] for ligne in crm.lire("core", f"select id from {TABLES[modele.nom]['clients'][0]}")}
        tenus = crm.lire("commercial", f"select {client} from {table} where {client} is not null")
        perdus = sum(ligne[0] not in connus for ligne in tenus) - _perdus_des_cas()
    assert {
        "clients": clients,
        "jumeaux": jumeaux,
        "couples": couples,
        "clients_supprimes": supprimes,
        "sans_email": sans_email,
        "contrats": contrats,
        "importes": importes,
        "sans_client": sans_client,
        "perdus": perdus,
        "contrats_supprimes": contrats_supprimes,
    } == effectifs(nombre)


def _perdus_des_cas() -> int:
    return sum(contrat.client == PERDU for cas in CAS for contrat in cas.contrats)


@MODELES
def test_the_same_crm_is_made_twice(modele: Modele, serveur: Serveur):
    contenus = []
    for _ in range(2):
        with crm_existant(modele, serveur, foule=500, connus=100) as crm:
            contenus.append(
                [
                    crm.lire(service, f"select to_jsonb(t) from {TABLES[modele.nom][quoi][0]} as t order by id")
                    for service, quoi in (("core", "clients"), ("commercial", "contrats"))
                ]
            )
    assert contenus[0] == contenus[1]


@MODELES
def test_people_of_the_reference_source_are_known_in_five_ways(modele: Modele, serveur: Serveur):
    fiches = list(prospects(200, 1))
    with crm_existant(modele, serveur, connus=200) as crm:
        table, _, email, telephone, *_ = TABLES[modele.nom]["clients"]
        lignes = crm.lire("core", f"select id::text, {email}, {telephone} from {table}")
        par_id = {ligne[0]: ligne[1:] for ligne in lignes}
        table, _, reference, client = TABLES[modele.nom]["contrats"]
        contrats = dict(crm.lire("commercial", f"select {reference}, {client}::text from {table}"))
        deux, sans_email, sans_telephone, importe, seul = (
            next(f for f in fiches[debut::5] if f["email"] and f["telephone"]) for debut in range(5)
        )
        assert par_id[crm.id("client", f"source-{deux['idProspect']}")][0] == deux["email"].strip().lower()
        assert par_id[crm.id("client", f"source-{sans_email['idProspect']}")] == (None, sans_email["telephone"])
        assert par_id[crm.id("client", f"source-{sans_telephone['idProspect']}")][1] is None
        for fiche, qui in ((importe, crm.id("client", f"source-{importe['idProspect']}")), (seul, None)):
            titre = fiche["Souscription"][0]["contrats"][0]["titre"]
            assert contrats[f"{titre[:3]} {titre[3:]}".lower()] == qui
        assert len(crm.lignes.clients) > 150


def test_users_of_every_role_have_managers_and_some_are_gone(crm_typeorm: CrmExistant, crm_prisma: CrmExistant):
    roles = """select role::text, count(*), count("managerId"), count(*) filter (where not "isActive") from users group by 1"""
    assert sorted(crm_typeorm.lire("core", roles)) == [
        ("ADMIN", 1, 0, 0),
        ("SALES", 4, 4, 1),
        ("SUPPORT", 1, 1, 0),
        ("TEAM_LEAD", 2, 2, 0),
    ]
    roles = """
        select role::text, count(*), count(responsable_id), count(*) filter (where not actif)
        from core.utilisateurs group by 1
    """
    assert sorted(crm_prisma.lire("core", roles)) == [
        ("ADMINISTRATEUR", 1, 0, 0),
        ("COMMERCIAL", 4, 4, 1),
        ("COMPTABLE", 1, 1, 0),
        ("RESPONSABLE", 2, 2, 0),
    ]
    assert crm_typeorm.lire("commercial", 'select count(*) - count("userId") from brokers') == [(2,)]
    assert crm_prisma.lire("commercial", "select count(*) - count(utilisateur_id) from commercial.apporteurs") == [(2,)]


def test_every_instant_is_written_as_its_column_means_it(crm_typeorm: CrmExistant, crm_prisma: CrmExistant):
    signe = """select "signedAt"::text, "updatedAt" at time zone 'UTC' from contracts where "contractReference" = 'H0001ZZZ'"""
    ((mural, touche),) = crm_typeorm.lire("commercial", signe)
    assert (mural, touche.isoformat()) == ("2024-02-01 00:30:00", "2024-03-01T12:00:00")
    signe = "select signe_le::text, updated_at from commercial.contrats where numero = 'H0001ZZZ'"
    ((utc, touche),) = crm_prisma.lire("commercial", signe)
    assert (utc, touche.isoformat()) == ("2024-01-31 23:30:00", "2024-03-01T12:00:00")


def test_each_integer_id_goes_on_after_the_highest(crm_prisma: CrmExistant):
    ((suivant, dernier),) = crm_prisma.lire(
        "core", "select nextval(pg_get_serial_sequence('core.clients', 'id')), (select max(id) from core.clients)"
    )
    assert suivant == dernier + 1


def test_each_case_has_its_own_people_and_each_prospect_is_met_or_new():
    cles = [cas.cle for cas in CAS]
    assert len(set(cles)) == len(cles)
    envoyes = prospects_des_cas()
    assert len({prospect["idProspect"] for prospect in envoyes}) == len(envoyes)
    for cas in CAS:
        assert cas.attendus.keys() == {prospect["idProspect"] for prospect in cas.prospects}
        assert {a.client for a in cas.attendus.values()} <= {None, *(client.cle for client in cas.clients)}
    assert prospects_des_cas("couple") == [p for p in envoyes if p["idProspect"] in {900_005, 900_006}]
