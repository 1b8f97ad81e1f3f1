"""Hand-made cases of people: who is found, by which rule, and who is not. All invented.

Telephones are of the range 0689, which the reference source leaves free; addresses stand at `.example` domains.
"""

from datetime import UTC, datetime

from crm_sync_tests.crm_existants.lignes import ANCIEN, Attendu, Cas, Client, Compte, Contrat
from crm_sync_tests.crm_existants.prospects import contrat, prospect

RECENT = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)
RUE = "12 rue des Lilas"

CAS_PERSONNES = (
    Cas(
        "inchangee",
        "The CRM and the source say the same in other spellings: found, and nothing to write.",
        clients=(Client("inchangee", "Vautrin", "Zoé", "Zoe.Vautrin@courriel.example", "06.89.00.00.01"),),
        contrats=(Contrat("H0001ZZZ", "inchangee", statut_source="Validé"),),
        prospects=(
            prospect(
                1,
                "Vautrin",
                "Zoé",
                email="zoe.vautrin@courriel.example",
                telephone="+33689000001",
                Souscription=[{"offre": None, "contrats": [contrat("H0001ZZZ")]}],
            ),
        ),
        attendus={900_001: Attendu("reference", "inchangee")},
        inchange=True,
    ),
    Cas(
        "mariee",
        "She married: another last name, the same e-mail and first name.",
        clients=(Client("mariee", "Abgrall", "Maëlle", "maelle@courriel.example", None),),
        prospects=(prospect(2, "Kervella", "Maelle", email="MAELLE@courriel.example"),),
        attendus={900_002: Attendu("email", "mariee")},
    ),
    Cas(
        "sans_email",
        "The CRM has no e-mail of his; the telephone, written otherwise, and the whole name find him.",
        clients=(Client("sans_email", "Ndiaye", "Ousmane", None, "+33 6 89 00 00 03"),),
        prospects=(prospect(3, "NDIAYE", "Ousmane", email="o.ndiaye@courriel.example", telephone="0689000003"),),
        attendus={900_003: Attendu("telephone", "sans_email")},
    ),
    Cas(
        "jumelles",
        "The same person twice, both with her e-mail: who has most keys in common and most contracts, the other reported.",
        clients=(
            Client("jumelle_vide", "Pellerin", "Inès", "ines.pellerin@mel.example", None),
            Client("jumelle_tenue", "Pellerin", "Ines", "ines.pellerin@mel.example", "0689000004", modifie_le=RECENT),
        ),
        contrats=(Contrat("J0001AAA", "jumelle_tenue"), Contrat("J0002AAA", "jumelle_tenue", statut="resilie")),
        prospects=(prospect(4, "Pellerin", "Inès", email="ines.pellerin@mel.example", telephone="0689000004"),),
        attendus={900_004: Attendu("email", "jumelle_tenue")},
        doublons=(frozenset({"jumelle_vide", "jumelle_tenue"}),),
    ),
    Cas(
        "couple",
        "A couple shares a telephone and an address; each prospect is one of them.",
        clients=(
            Client("couple_elle", "Rivoal", "Gwenn", None, "0689000005", RUE),
            Client("couple_lui", "Rivoal", "Tristan", None, "0689000005", RUE),
        ),
        prospects=(
            prospect(5, "Rivoal", "Tristan", telephone="06 89 00 00 05"),
            prospect(6, "Rivoal", "Gwenn", telephone="0033689000005"),
        ),
        attendus={900_005: Attendu("telephone", "couple_lui"), 900_006: Attendu("telephone", "couple_elle")},
        doublons=(frozenset({"couple_elle", "couple_lui"}),),
    ),
    Cas(
        "pere_et_fils",
        "The father's e-mail, the son's first name: two people, a new client, reported.",
        clients=(Client("pere", "Sarrazin", "Gilbert", "famille.sarrazin@mel.example", "0689000007"),),
        prospects=(prospect(7, "Sarrazin", "Kylian", email="famille.sarrazin@mel.example"),),
        attendus={900_007: Attendu("creation")},
        doublons=(frozenset({"pere", 900_007}),),
    ),
    Cas(
        "croisees",
        "The e-mail leads to her, the telephone to somebody of the same name: the stronger rule, the other reported.",
        clients=(
            Client("croisee_email", "Thibault", "Carole", "carole.t@courriel.example", "0689000098"),
            Client("croisee_telephone", "Thibault", "Carole", None, "0689000008", cree_le=ANCIEN.replace(year=2019)),
        ),
        prospects=(prospect(8, "Thibault", "Carole", email="carole.t@courriel.example", telephone="0689000008"),),
        attendus={900_008: Attendu("email", "croisee_email")},
        doublons=(frozenset({"croisee_email", "croisee_telephone"}),),
    ),
    Cas(
        "standard",
        "The switchboard of a residence stands with three people of plainly different names: it finds nobody.",
        clients=(
            Client("standard_un", "Ulloa", "Pilar", None, "0189000009"),
            Client("standard_deux", "Vigneron", "Basile", None, "0189000009"),
            Client("standard_trois", "Wojcik", "Hanna", None, "01 89 00 00 09"),
        ),
        prospects=(prospect(9, "Vigneron", "Basile", telephone="0189000009"),),
        attendus={900_009: Attendu("creation")},
    ),
    Cas(
        "homonyme",
        "Only the name agrees: somebody else.",
        clients=(Client("homonyme", "Xantrailles", "Paule", None, None),),
        prospects=(prospect(10, "Xantrailles", "Paule", email="paule.x@courriel.example"),),
        attendus={900_010: Attendu("creation")},
    ),
    Cas(
        "nouvelle",
        "Nobody knows her, nor the person who sold to her.",
        prospects=(
            prospect(
                11,
                "Yvetot",
                "Flore",
                email="flore.yvetot@courriel.example",
                commercial={"id": "src-neuf", "nom": "Zerbib", "prenom": "Max", "email": "max.zerbib@equipe.example"},
            ),
        ),
        attendus={900_011: Attendu("creation")},
    ),
    Cas(
        "plus_recent",
        "The CRM changed the telephone after the source did: the CRM's stays; the source's newer amount wins.",
        clients=(Client("plus_recent", "Zamora", "Iker", "iker@courriel.example", "0689000012", modifie_le=RECENT),),
        contrats=(Contrat("H0012ZZZ", "plus_recent", montant="19.90"),),
        prospects=(
            prospect(
                12,
                "Zamora",
                "Iker",
                contrat("H0012ZZZ", montant="24.5"),
                email="iker@courriel.example",
                telephone="0689000912",
            ),
        ),
        attendus={900_012: Attendu("reference", "plus_recent")},
    ),
    Cas(
        "supprimee",
        "A soft-deleted client is found and never revived: the contract goes to her, no field of hers is written.",
        clients=(Client("supprimee", "Arsac", "Livia", "livia.arsac@mel.example", "0689000013", supprime=True),),
        prospects=(prospect(13, "Arsac", "Livia", email="livia.arsac@mel.example", telephone="0689000913"),),
        attendus={900_013: Attendu("email", "supprimee")},
    ),
    Cas(
        "supprime_et_vivant",
        "A deleted and a living client answer to one e-mail: the living one, although the other has more contracts.",
        clients=(
            Client("ancien_supprime", "Bazin", "Côme", "come.bazin@mel.example", "0689000014", supprime=True),
            Client("nouveau_vivant", "Bazin", "Côme", "come.bazin@mel.example", None),
        ),
        contrats=(Contrat("K0001AAA", "ancien_supprime"), Contrat("K0002AAA", "ancien_supprime")),
        prospects=(prospect(14, "Bazin", "Côme", email="come.bazin@mel.example", telephone="0689000014"),),
        attendus={900_014: Attendu("email", "nouveau_vivant")},
    ),
    Cas(
        "compte_connu",
        "Bank details that the CRM may hold already (where it has a table for them), and an identity card.",
        clients=(Client("compte_connu", "Cazenave", "Odile", "odile.c@mel.example", None),),
        comptes=(Compte("compte_connu", "FR7630006000011234567890189", None),),
        prospects=(
            prospect(
                15,
                "Cazenave",
                "Odile",
                email="odile.c@mel.example",
                informationsPaiement=[
                    {"IBAN": "FR76 3000 6000 0112 3456 7890 189", "BIC": "BNPAFRPPXXX"},
                    {"IBAN": "DE89370400440532013000", "BIC": None},
                ],
                identityCard={"type": "CNI", "numero": "X00INVENTE"},
            ),
        ),
        attendus={900_015: Attendu("email", "compte_connu")},
    ),
)
