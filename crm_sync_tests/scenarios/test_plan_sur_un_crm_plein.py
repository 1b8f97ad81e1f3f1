"""`crm-sync plan`, the first command against a full CRM: what it says is what the sync does, and it writes nothing."""

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from crm_sync.chaine import planifier
from crm_sync.crm import mapping, schema
from crm_sync.crm.connexion import Bases
from crm_sync.source.population import prospects
from crm_sync_tests.crm_existants import PRISMA, TYPEORM, CrmExistant, Modele, Serveur, crm_existant
from crm_sync_tests.crm_existants import prospects as cas
from crm_sync_tests.gens import lecture
from crm_sync_tests.synchro import enchainer

pytestmark = pytest.mark.longue
FOULE, CONNUS, PROSPECTS = 20_000, 1_000, 1_500
COMPTES = ("commerciaux", "clients", "contrats", "informations_paiement", "prospects", "conflits", "doublons_possibles")
TABLES = """
    select format('%I.%I', n.nspname, c.relname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|crm_sync)' order by 1
"""
SEQUENCES = """
    select schemaname::text, sequencename::text, last_value from pg_sequences where schemaname <> 'crm_sync' order by 1, 2
"""


def _bases(crm: CrmExistant) -> Bases:
    return Bases(dict(crm.urls), mapping.lire(crm.correspondance))


def _empreinte(crm: CrmExistant) -> list[tuple[Any, ...]]:
    """Give a digest of every row's version of every table of theirs, and where their sequences stand."""
    versions: list[tuple[Any, ...]] = []
    for service in ("core", "commercial", "finance"):
        for (table,) in crm.lire(service, TABLES):
            condense = f"select count(*), md5(string_agg(xmin::text || ctid::text, ',' order by ctid)) from {table}"  # noqa: S608
            versions += [(service, table, *ligne) for ligne in crm.lire(service, condense)]
        versions += [(service, *ligne) for ligne in crm.lire(service, SEQUENCES)]
    return versions


def _source() -> list[Any]:
    """Give people of the reference source, known and unknown, and room for two of the crowd."""
    return [*prospects(PROSPECTS, 1), cas.prospect(1, "", None), cas.prospect(2, "", None)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("modele", [TYPEORM, PRISMA], ids=lambda modele: modele.nom)
def test_it_gives_what_the_sync_then_does_names_everybody_and_writes_nothing(serveur: Serveur, modele: Modele) -> None:
    source = _source()
    with crm_existant(modele, serveur, foule=FOULE, connus=CONNUS) as crm:
        with _bases(crm) as bases:
            schema.mettre_a_jour(bases)
        table, nom, prenom, email, telephone = {
            "typeorm": ("clients", '"lastName"', '"firstName"', "email", '"phoneNumber"'),
            "prisma": ("core.clients", "nom", "prenom", "mail", "portable"),
        }[modele.nom]
        # Person 49 of the crowd stands there twice, with one address: whoever comes with it is found, and the pair is told.
        requete = f"select {nom}, {prenom} from {table} where {email} = 'client49@foule.example'"  # noqa: S608
        deux = crm.lire("core", requete)
        assert len(deux) == 2
        source[-1] |= {"nom": deux[0][0], "prenom": deux[0][1], "email": "client49@foule.example"}
        # Person 25 has no address there.
        requete = f"select {nom}, {prenom} from {table} where {telephone} like '%689100025'"  # noqa: S608
        ((son_nom, son_prenom),) = crm.lire("core", requete)
        source[-2] |= {"nom": son_nom, "prenom": son_prenom, "telephone": "06 89 10 00 25"}
        avant = _empreinte(crm)
        prevu = planifier(_bases(crm), lecture(*source))
        assert _empreinte(crm) == avant
        session = enchainer(_bases(crm), lecture(*source), str(uuid4()))
        requete = "select comptes from crm_sync.synchronisation where synchronisation_id = %s"
        fait = crm.lire("sync", requete, session.synchronisation_id)[0][0]
        assert {cle: prevu[cle] for cle in COMPTES} == {cle: fait[cle] for cle in COMPTES}
        assert _empreinte(crm) != avant

        plan = prevu["plan"]
        regles = Counter(
            regle for (regle,) in crm.lire("sync", "select regle from crm_sync.lien where entite = 'client'")
        )
        assert plan["regles"]["client"] == regles
        assert min(regles[regle] for regle in ("reference", "email", "telephone", "creation")) > 0
        crees = {qui for c in plan["creations"] if c["entite"] == "client" for qui in c["source_ids"]}
        nes = "select l.source_id from crm_sync.lien as l join crm_sync.journal as j using (entite, crm_id) "
        nes += "where entite = 'client' and j.action = 'creation'"
        assert crees == {qui for (qui,) in crm.lire("sync", nes)}
        assert prevu["doublons_possibles"] == len(plan["doublons_possibles"]) > 0
        _memes_champs(crm, plan["ecritures"])


def _memes_champs(crm: CrmExistant, ecritures: list[dict[str, Any]]) -> None:
    """Make sure that the fields that would change, of which rows, are those that the journal says did."""
    prevus = Counter((e["entite"], c["champ"]) for e in ecritures if e["action"] == "modification" for c in e["champs"])
    faits = "select entite, json_object_keys(champs) from crm_sync.journal where action = 'modification'"
    assert prevus == Counter(crm.lire("sync", faits))
    assert prevus
