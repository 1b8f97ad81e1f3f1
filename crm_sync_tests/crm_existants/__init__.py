"""Two CRMs that exist already, as test databases: one of TypeORM, in three databases, and one of Prisma, in one.

`typeorm/` and `prisma/` hold their sources, the DDL that their own tools made of them, and the mapping file that fits each.
`crm_existant` makes one in a test's Postgres and fills it: hand-made cases (`CAS`, with the prospects that meet them), people
of the reference source (`connus`), and a crowd. `postgres_15` is Debian's server, over TCP with a password.

What does not belong here: anything of `crm_sync` that is tested with them.
"""

from crm_sync_tests.crm_existants.crm import CAS, PRISMA, TYPEORM, CrmExistant, Modele, Serveur, crm_existant
from crm_sync_tests.crm_existants.foule import effectifs
from crm_sync_tests.crm_existants.lignes import PERDU, Attendu, Cas, Prospect

__all__ = [
    "CAS",
    "PERDU",
    "PRISMA",
    "TYPEORM",
    "Attendu",
    "Cas",
    "CrmExistant",
    "Modele",
    "Prospect",
    "Serveur",
    "crm_existant",
    "effectifs",
    "prospects_des_cas",
]


def prospects_des_cas(*cles: str) -> list[Prospect]:
    """Give the source's answer that meets the hand-made cases of these keys (all, where none is given).

    Raises:
        KeyError: there is no such case.
    """
    par_cle = {cas.cle: cas for cas in CAS}
    return [prospect for cle in cles or par_cle for prospect in par_cle[cle].prospects]
