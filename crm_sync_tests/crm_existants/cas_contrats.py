"""Hand-made cases of contracts: what their importer, their people and their deletions left behind. All invented."""

from crm_sync_tests.crm_existants.equipe import commercial
from crm_sync_tests.crm_existants.lignes import PERDU, Attendu, Cas, Client, Contrat
from crm_sync_tests.crm_existants.prospects import contrat, prospect

CAS_CONTRATS = (
    Cas(
        "importe_minuscules",
        "Their importer wrote the reference in lower case with spaces, without client or broker: it gets both.",
        clients=(Client("importe_minuscules", "Delmotte", "Rosa", "rosa@courriel.example", None),),
        contrats=(Contrat(" 810 4321wnc ", None, apporteur=None, statut="inconnu", importe=True),),
        prospects=(prospect(31, "Delmotte", "Rosa", "8104321WNC", email="rosa@courriel.example"),),
        attendus={900_031: Attendu("email", "importe_minuscules")},
    ),
    Cas(
        "importe_tenu",
        "No key in common but the imported contract, and a name that is not plainly different: found by reference.",
        clients=(Client("importe_tenu", "Echevarria", "Ana", "ancienne.adresse@mel.example", None),),
        contrats=(Contrat("8104322 wnc", "importe_tenu", importe=True),),
        prospects=(prospect(32, "Echevarria", "Ana-Maria", "8104322WNC", email="ana.maria@courriel.example"),),
        attendus={900_032: Attendu("reference", "importe_tenu")},
    ),
    Cas(
        "importe_a_un_autre",
        "The contract is held by somebody of a plainly different name: not hers, a new client, her contract put aside.",
        clients=(Client("importe_a_un_autre", "Fontanel", "Guy", None, None),),
        contrats=(Contrat("8104323WNC", "importe_a_un_autre", importe=True),),
        prospects=(prospect(33, "Gautreau", "Sylvie", "8104323WNC", email="sylvie.g@courriel.example"),),
        attendus={900_033: Attendu("creation")},
        doublons=(frozenset({"importe_a_un_autre", 900_033}),),
    ),
    Cas(
        "zeros_gardes",
        "Leading zeros are part of a reference: the same ones, in lower case, are the same contract.",
        clients=(Client("zeros_gardes", "Hallier", "Jan", "jan.hallier@mel.example", None),),
        contrats=(Contrat("0004324 wnc", "zeros_gardes", importe=True),),
        prospects=(prospect(34, "Hallier", "Jan", "0004324WNC", email="jan.hallier@mel.example"),),
        attendus={900_034: Attendu("reference", "zeros_gardes")},
    ),
    Cas(
        "zeros_perdus",
        "A spreadsheet ate the zeros: another reference, so the source's contract is a second row.",
        clients=(Client("zeros_perdus", "Istria", "Dora", "dora.istria@mel.example", None),),
        contrats=(Contrat("4325WNC", "zeros_perdus", importe=True),),
        prospects=(prospect(35, "Istria", "Dora", "0004325WNC", email="dora.istria@mel.example"),),
        attendus={900_035: Attendu("email", "zeros_perdus")},
    ),
    Cas(
        "client_perdu",
        "The contract's client_id leads nowhere, which counts as empty: the prospect is new and gets the contract.",
        contrats=(Contrat("8104326WNC", PERDU, statut="signe"),),
        prospects=(prospect(36, "Jouffroy", "Théo", "8104326WNC", email="theo.j@courriel.example"),),
        attendus={900_036: Attendu("creation")},
    ),
    Cas(
        "contrat_supprime",
        "Their people deleted the contract that the source still sends: no second row, nothing written, reported.",
        clients=(Client("contrat_supprime", "Kaminski", "Ewa", "ewa.k@mel.example", None),),
        contrats=(Contrat("8104327WNC", "contrat_supprime", statut="annule", supprime=True),),
        prospects=(prospect(37, "Kaminski", "Ewa", "8104327WNC", email="ewa.k@mel.example"),),
        attendus={900_037: Attendu(None, "contrat_supprime")},
    ),
    Cas(
        "contrat_refait",
        "One reference, deleted in one spelling and living in another: the living one.",
        clients=(Client("contrat_refait", "Lasserre", "Paul", "paul.lasserre@mel.example", None),),
        contrats=(
            Contrat("8104328WNC", "contrat_refait", supprime=True),
            Contrat("8104328 WNC", "contrat_refait", montant="35.00"),
        ),
        prospects=(
            prospect(38, "Lasserre", "Paul", contrat("8104328WNC", montant="35"), email="paul.lasserre@mel.example"),
        ),
        attendus={900_038: Attendu("reference", "contrat_refait")},
    ),
    Cas(
        "change_de_commercial",
        "The source says another commercial, known by the kiosk's address only (no user): the contract moves.",
        clients=(Client("change_de_commercial", "Morin", "Alix", "alix.morin@mel.example", None),),
        contrats=(Contrat("8104329WNC", "change_de_commercial", apporteur="parti"),),
        prospects=(
            prospect(
                39, "Morin", "Alix", "8104329WNC", email="alix.morin@mel.example", commercial=commercial("kiosque")
            ),
        ),
        attendus={900_039: Attendu("reference", "change_de_commercial")},
    ),
    Cas(
        "statut_a_eux",
        "Status words of every kind, theirs without a word of ours among them; the source knows none of these.",
        clients=(Client("statut_a_eux", "Noguès", "Tessa", None, "0689000040"),),
        contrats=tuple(
            Contrat(f"S00{rang}AAA", "statut_a_eux", statut=statut, apporteur="okafor", montant=montant)
            for rang, (statut, montant) in enumerate(
                (
                    ("en_attente", None),
                    ("signe", "0.00"),
                    ("valide", "1234567.89"),
                    ("annule", "15.00"),
                    ("resilie", "15.00"),
                    ("autre", "15.00"),
                    ("inconnu", "15.00"),
                )
            )
        ),
    ),
)
