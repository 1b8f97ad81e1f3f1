"""What the invented reseller sells, through which banks it is paid, and how its people spell a status.

Data only. Suppliers, offers and banks are invented.
"""

from typing import Final

# id, nom, fournisseur, prix in cents a month, type of contract
OFFRES: Final = (
    (1, "Télécâble Sat", "Télécâble", 2990, "TV"),
    (2, "Télécâble Sat Famille", "Télécâble", 4000, "TV"),
    (3, "Bouquet Sport & Cinéma", "Télécâble", 1550, "TV"),
    (4, "Fibre Essentielle", "Fibre Atlantique", 2499, "Internet"),
    (5, "Fibre Intégrale 8 Gb/s", "Fibre Atlantique", 4490, "Internet"),
    (6, "Box Océan", "Océan Indien Télécom", 3990, "Internet"),
    (7, "Box Océan + TV", "Océan Indien Télécom", 5200, "Internet + TV"),
    (8, "Mobile 100 Go", "Antilles Mobile", 1999, "Mobile"),
    (9, "Mobile illimité DOM", "Antilles Mobile", 2500, "Mobile"),
    (10, "Forfait Sérénité 5 Go", "Réseau Armor", 799, "Mobile"),
    (11, "Ligne fixe « Clé en main »", "Réseau Armor", 1290, "Téléphonie"),
    (12, "Pack Maison connectée", "Réseau Armor", 0, "Option"),
)

# Country, bank, branch, BIC: none is in the registers of real banks.
BANQUES: Final = (
    ("FR", "47119", "00021", "BQCTFRPPXXX"),
    ("FR", "47119", "00384", "BQCTFRPPXXX"),
    ("FR", "48207", "01010", "CRMTFR21"),
    ("FR", "48233", "02750", "OCNAFRP1XXX"),
    ("FR", "49561", "00095", "BQLZFR2LXXX"),
    ("FR", "49880", "05120", "AGUAGPGXXXX"),
)
BANQUES_ETRANGERES: Final = (
    ("BE", "992", "", "BQWABE21"),
    ("DE", "90090090", "", "BQRHDEFFXXX"),
    ("LU", "971", "", "BQMOLULL"),
)

# Label as the front end shows it, share of the contracts, other spellings met in the table.
STATUTS: Final = (
    ("Validé", 0.46, ("VALIDE", "validé", "Validée", "Valide ", "VALIDÉ")),
    ("Signé", 0.22, ("SIGNE", "signé", "Signée", " Signé")),
    ("En attente", 0.17, ("EN_ATTENTE", "en attente", "En  attente", "En Attente")),
    ("Résilié", 0.08, ("RESILIE", "résilié", "Resilié", "Résiliée")),
    ("Annulé", 0.07, ("ANNULE", "annulé", "Annulée", "annule")),
)
STATUTS_INCONNUS: Final = ("Transmis back-office", "À recontacter", "KO fournisseur")

STATUTS_PAIEMENT: Final = ("Payé", "Payé", "Payé", "Payé", "En attente", "Rejeté")
