"""People of the reference source whom an existing CRM has known for years: the same persons, written as the CRM writes.

By rank: one in five has both keys in other spellings, one no e-mail, one no telephone, one a first contract from their
importer in another spelling, and one is known by such an imported contract alone, without client or broker.
"""

from crm_sync.source.population import Fiche, prospects
from crm_sync_tests.crm_existants.lignes import Apporteur, Client, Contrat, Lignes, Utilisateur

FACONS = ("deux_cles", "sans_email", "sans_telephone", "importe", "contrat_seul")


def lignes_connues(nombre: int, graine: int) -> Lignes:
    """Give the rows of the first `nombre` prospects of that seed, left out those that no sync could use."""
    lignes = Lignes()
    vus: set[int] = set()
    equipe: set[str] = set()
    for rang, fiche in enumerate(prospects(nombre, graine)):
        titre = fiche["Souscription"][0]["contrats"][0]["titre"]
        nom = (fiche["nom"] or "").strip()
        if not titre or not nom or fiche["idProspect"] in vus:
            continue
        vus.add(fiche["idProspect"])
        _connaitre(lignes, fiche, rang, nom, _vendeur(lignes, fiche, equipe))
    return lignes


def _vendeur(lignes: Lignes, fiche: Fiche, equipe: set[str]) -> str | None:
    """Give the key of this prospect's sales rep, with an account and a broker's row at the first meeting."""
    commercial = fiche.get("commercial")
    if commercial is None or not commercial["email"]:
        return None
    cle: str = commercial["email"]
    if cle not in equipe:
        equipe.add(cle)
        lignes.utilisateurs.append(Utilisateur(cle, commercial["nom"], commercial["prenom"], adresse=cle.upper()))
        lignes.apporteurs.append(Apporteur(cle, commercial["nom"], commercial["prenom"], utilisateur=cle))
    return cle


def _connaitre(lignes: Lignes, fiche: Fiche, rang: int, nom: str, vendeur: str | None) -> None:
    facon = FACONS[rang % len(FACONS)]
    contrats = fiche["Souscription"][0]["contrats"]
    titre: str = contrats[0]["titre"]
    if facon == "contrat_seul":
        lignes.contrats.append(Contrat(_autre_ecriture(titre), None, apporteur=None, statut="inconnu", importe=True))
        return
    cle = f"source-{fiche['idProspect']}"
    email, telephone = fiche["email"], fiche["telephone"]
    lignes.clients.append(
        Client(
            cle,
            nom.title(),
            fiche["prenom"],
            None if facon == "sans_email" or email is None else email.strip().lower(),
            None if facon == "sans_telephone" else telephone,
        )
    )
    importe = facon == "importe"
    lignes.contrats.append(
        Contrat(_autre_ecriture(titre) if importe else titre, cle, apporteur=vendeur, importe=importe)
    )


def _autre_ecriture(titre: str) -> str:
    return f"{titre[:3]} {titre[3:]}".lower()
