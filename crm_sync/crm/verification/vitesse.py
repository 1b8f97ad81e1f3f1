"""What would be slow: an index that is missing on a large table, by Postgres' own estimate of its rows."""

from collections.abc import Iterator, Mapping

from crm_sync.crm.verification.plaintes import AVERTISSEMENT, Plainte, Vue, identifiant

GRANDE = 50_000
"""Rows from which an index matters."""
CHERCHEES: Mapping[str, tuple[str, ...]] = {
    "utilisateur": (),
    "client": ("email",),
    "apporteur": (),
    "contrat": ("reference", "client_id", "commercial_id"),
    "information_paiement": ("client_id",),
}
"""The fields that rows are looked for by."""


def index(vue: Vue) -> Iterator[Plainte]:
    """Complain of fields without an index in a large table."""
    if vue.table.lignes < GRANDE:
        return
    for champ in CHERCHEES[vue.entite]:
        nom = vue.crm.colonnes.get(champ)
        if nom is None or nom not in vue.table.colonnes or any(i.commence_par(nom) for i in vue.table.index):
            continue
        colonne = f"lower({identifiant(nom)})" if champ == "email" else identifiant(nom)
        methode = " using hash" if champ == "email" else ""
        yield Plainte(
            "index_absent",
            AVERTISSEMENT,
            vue.ou(nom),
            f"{vue.ou()} a environ {vue.table.lignes} lignes et aucun index sur « {nom} » : chaque recherche la lit en entier.",
            "Créer l'index ; « concurrently » n'arrête personne.",
            f"create index concurrently on {vue.nom_sql}{methode} ({colonne})",
        )
