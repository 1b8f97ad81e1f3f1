"""A crowd for an existing CRM: as many invented clients and contracts as asked for, made by the server in one statement each.

Nobody of the crowd is a prospect of anything. Of client i: every 50th is the person before once more (a twin), else every
30th shares last name, telephone and address with the one before (a couple), every 40th is soft-deleted, every 25th person
has no e-mail. Of contract k: every 20th was written by their importer in another spelling, every 100th has no client, every
200th plus one names a client that leads nowhere, every 80th plus three is soft-deleted. `effectifs` says how many that is.
"""

from typing import Any

import psycopg
from psycopg import sql

from crm_sync.source.population.noms import NOMS, PRENOMS_FEMININS, PRENOMS_MASCULINS

MAXIMUM = 800_000
"""So many telephones are free in the range 0689, above those of the hand-made cases."""

PERSONNES = sql.SQL("""
with rangs as (
    select i, case when mod(i, 50) = 0 then i - 1 else i end as p, mod(i, 30) = 0 and mod(i, 50) <> 0 as couple
    from generate_series(1::bigint, %(n)s::bigint) as i
),
choisis as (
    select i, p, case when couple then i - 1 else p end as q from rangs
),
personnes as (
    select
        i,
        (%(noms)s::text[])[1 + mod(q * 7919, %(nb_noms)s::bigint)] as nom,
        (%(prenoms)s::text[])[1 + mod(p * 31, %(nb_prenoms)s::bigint)] as prenom,
        case when mod(p, 25) <> 0 then 'client' || p || '@foule.example' end as email,
        case mod(i, 3)
            when 0 then '+33689' || (100000 + q)
            when 1 then '0689' || (100000 + q)
            else '06 89 ' || to_char(100000 + q, 'FM00 00 00')
        end as telephone,
        q || ' avenue de la Foule' as adresse,
        mod(i, 40) = 0 as supprime,
        timestamp '2019-01-01 08:00' + mod(i * 7907, 2000) * interval '1 day' as cree_le
    from choisis
)
""")

CONTRATS = sql.SQL("""
with contrats as (
    select
        k,
        1 + mod(k - 1, %(n)s::bigint) as client,
        case when mod(k, 20) = 0 then lower('f' || to_char(k, 'FM0000 0000') || ' fou')
            else 'F' || to_char(k, 'FM00000000') || 'FOU'
        end as reference,
        mod(k, 20) = 0 as importe,
        mod(k, 100) = 0 as sans_client,
        mod(k, 200) = 1 as perdu,
        mod(k, 80) = 3 as supprime,
        (array['leblanc', 'okafor', 'kiosque'])[1 + mod(k, 3)] as apporteur,
        (array['valide', 'valide', 'valide', 'signe', 'en_attente', 'annule', 'resilie'])[1 + mod(k, 7)] as statut,
        (990 + mod(k * 37, 9000)) / 100.0 as montant,
        timestamp '2021-01-01 08:00' + mod(k * 7907, 1200) * interval '1 day' as signe_le
    from generate_series(1::bigint, %(n)s::bigint + %(n)s::bigint / 3) as k
)
""")


def effectifs(nombre: int) -> dict[str, int]:
    """Say how many of each a crowd of `nombre` clients has."""
    contrats = nombre + nombre // 3
    return {
        "clients": nombre,
        "jumeaux": nombre // 50,
        "couples": nombre // 30 - nombre // 150,
        "clients_supprimes": nombre // 40,
        # A person's number p is 25, 50, ... : of those, 50, 100, ... are twins and carry the number before.
        "sans_email": nombre // 25 - nombre // 50,
        "contrats": contrats,
        "importes": contrats // 20,
        "sans_client": contrats // 100,
        "perdus": (contrats + 199) // 200,
        "contrats_supprimes": (contrats + 77) // 80,
    }


def inserer(connexion: psycopg.Connection[Any], insertion: sql.Composable, nombre: int) -> None:
    """Run one insertion that reads `personnes` or `contrats`."""
    prenoms = [*PRENOMS_FEMININS, *PRENOMS_MASCULINS]
    parametres = {
        "n": nombre,
        "noms": list(NOMS),
        "nb_noms": len(NOMS),
        "prenoms": prenoms,
        "nb_prenoms": len(prenoms),
    }
    connexion.execute(insertion, parametres)
