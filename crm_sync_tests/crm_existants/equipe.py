"""The reseller's own people: users of every role, managers above managers, and brokers with and without an account."""

from typing import Any

from crm_sync_tests.crm_existants.lignes import Apporteur, Utilisateur

UTILISATEURS = (
    Utilisateur("direction", "Montsouris", "Agathe", role="admin"),
    Utilisateur("chef.nord", "Querbouet", "Ivan", role="manager", manager="direction"),
    Utilisateur("chef.lille", "Tanguy-Roux", "Salomé", role="manager", manager="chef.nord"),
    Utilisateur("leblanc", "Leblanc", "Nora", manager="chef.lille", telephone="0688 99 00 01"),
    Utilisateur("okafor", "Okafor", "Emeka", manager="chef.nord"),
    Utilisateur("parti", "Daubrac", "Rémi", manager="chef.lille", actif=False),
    Utilisateur("compta", "Estève", "Lucie", role="autre", manager="direction"),
    Utilisateur("sans.nom", None, None, manager="chef.nord"),
)

APPORTEURS = (
    Apporteur("leblanc", "Leblanc", "Nora", "leblanc@equipe.example", "0688990001", utilisateur="leblanc"),
    Apporteur("okafor", "Okafor", "Emeka", None, None, utilisateur="okafor"),
    Apporteur("parti", "Daubrac", "Rémi", "parti@equipe.example", None, utilisateur="parti"),
    Apporteur("kiosque", "Kiosque de la Gare", None, "kiosque@partenaires.example", "0688990002"),
    Apporteur("import", "Import", None),
)


def commercial(qui: str, **autres: Any) -> dict[str, Any]:
    """Give one of them as the source nests a sales rep: known here by e-mail alone, in lower case."""
    domaine = "partenaires" if qui == "kiosque" else "equipe"
    return {"id": f"src-{qui}", "nom": qui.title(), "prenom": "C.", "email": f"{qui}@{domaine}.example", **autres}
