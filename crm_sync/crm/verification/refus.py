"""What the database would refuse, or let in twice: constraints, required columns, words of enums and CHECKs."""

from collections.abc import Iterator, Mapping

from crm_sync.crm.inventaire import Colonne, Index, est_sur
from crm_sync.crm.verification.plaintes import AVERTISSEMENT, BLOQUANT, INFORMATION, Plainte, Vue, identifiant, litteral
from crm_sync.domain.statuts import AUTRE, STATUTS

UNICITES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "utilisateur": (("email",), "deux comptes auraient la même adresse, et leurs contrats se partageraient au hasard"),
    "contrat": (("reference",), "leur importeur et nous, au même instant, ferions deux contrats d'une référence"),
    "information_paiement": (("client_id", "iban"), "le même IBAN serait rangé deux fois chez un client"),
}
"""The keys that matching stands on, and what happens where nothing keeps them unique."""
ADMISES = (
    *((entite, frozenset(cles)) for entite, (cles, _) in UNICITES.items()),
    ("apporteur", frozenset({"email"})),
    ("apporteur", frozenset({"utilisateur_id"})),
)
"""Keys that may be unique: two rows of ours never share one."""
TOUJOURS = {
    "utilisateur": {"id", "email", "role", "actif"},
    "client": {"id", "nom"},
    "apporteur": {"id"},
    "contrat": {"id", "reference", "statut", "client_id", "commercial_id"},
    "information_paiement": {"id", "client_id", "iban"},
}
"""The fields that a new row of ours always has a value for; created_at and updated_at are set by us or by default."""
ECRITS = {"statut": STATUTS, "role": ("commercial",)}
"""The words that we write, by field."""


def unicites(vue: Vue) -> Iterator[Plainte]:
    """Complain where nothing keeps unique what matching takes for unique."""
    cles, sinon = UNICITES.get(vue.entite, ((), ""))
    voulues = [vue.crm.colonnes[champ] for champ in cles if champ in vue.crm.colonnes]
    if len(voulues) != len(cles) or not cles or any(_tient(vue, index, voulues) for index in vue.table.index):
        return
    noms = ", ".join(identifiant(nom) for nom in voulues)
    expression = f"lower({noms})" if vue.entite == "utilisateur" else noms
    yield Plainte(
        "unicite_absente",
        AVERTISSEMENT,
        vue.ou(", ".join(voulues)),
        f"Rien n'empêche deux lignes de {vue.ou()} d'avoir le même {' et le même '.join(voulues)} : {sinon}.",
        "Créer l'index ; s'il y a déjà des doublons, Postgres le refuse et les nomme.",
        f"create unique index concurrently on {vue.nom_sql} ({expression})",
    )


def _tient(vue: Vue, index: Index, voulues: list[str]) -> bool:
    """Whether a unique index keeps these columns unique: alone, with a constant of ours, or among living rows."""
    if not index.unique or not all(index.porte_sur(nom) for nom in voulues):
        return False
    autres = [cle for cle in index.cles if not any(est_sur(cle, nom) for nom in voulues)]
    vivantes = index.condition is None or (vue.crm.deleted_at or "\0") in index.condition
    return vivantes and all(cle in vue.crm.insert for cle in autres)


def unicites_genantes(vue: Vue) -> Iterator[Plainte]:
    """Complain of unique keys that rows of ours may share: such a row is refused, and put aside."""
    champs = {nom: champ for champ, nom in vue.crm.colonnes.items()}
    connues = {**champs, **dict.fromkeys(vue.crm.insert, "")}
    for index in vue.table.index:
        if not index.unique or index.primaire:
            continue
        portees = [nom for nom in connues if index.porte_sur(nom)]
        if not portees or len(portees) < len(index.cles):
            continue  # a column that we do not write is null or its default; their business
        notres = frozenset(connues[nom] for nom in portees if connues[nom])
        if any(vue.entite == entite and admise <= notres for entite, admise in ADMISES) or "id" in notres:
            continue
        constante = not notres
        yield Plainte(
            "unicite_genante",
            BLOQUANT if constante else AVERTISSEMENT,
            f"{vue.ou()} ({index.nom})",
            f"L'index unique {index.nom} refuse la deuxième ligne qui a la même valeur de « insert »."
            if constante
            else f"L'index unique {index.nom} refuse deux lignes de même {', '.join(portees)} : "
            "or deux personnes peuvent les partager (un couple, une famille). La deuxième serait mise de côté.",
            "Retirer cette unicité." if not constante else "Retirer cette unicité, ou cette colonne de « insert ».",
            f"drop index {identifiant(vue.crm.schema, index.nom)}",
        )


def obligatoires(vue: Vue) -> Iterator[Plainte]:
    """Complain of required columns that nothing fills, always or sometimes."""
    champs = {nom: champ for champ, nom in vue.crm.colonnes.items()}
    for nom, colonne in vue.table.colonnes.items():
        if not colonne.obligatoire or colonne.identite or colonne.generee or nom in vue.crm.insert:
            continue
        if nom not in vue.inserees():
            if colonne.defaut is None:
                yield _sans_valeur(vue, colonne)
        elif colonne.defaut is None and champs.get(nom) not in TOUJOURS[vue.entite] | {"created_at", "updated_at"}:
            yield Plainte(
                "obligatoire_parfois_vide",
                AVERTISSEMENT,
                vue.ou(nom),
                f"La colonne {vue.ou(nom)} est obligatoire, or la source peut ne pas donner « {champs.get(nom)} » : une nouvelle "
                "ligne qui n'en a pas est mise de côté.",
                "Permettre que la colonne soit vide, ou lui donner une valeur par défaut.",
                f"alter table {vue.nom_sql} alter column {identifiant(nom)} drop not null",
            )


def _sans_valeur(vue: Vue, colonne: Colonne) -> Plainte:
    mots = vue.table.mots_acceptes(colonne)
    exemple = f" (un de : {', '.join(mots)})" if mots else ""
    return Plainte(
        "obligatoire_sans_valeur",
        BLOQUANT,
        vue.ou(colonne.nom),
        f"La colonne {vue.ou(colonne.nom)} ({colonne.type}) est obligatoire, n'a pas de valeur par défaut, et CRM_MAPPING ne dit "
        "pas quoi y mettre : aucune ligne ne pourrait être créée.",
        f'Ajouter à insert, dans le fichier de CRM_MAPPING : {colonne.nom} = "…"{exemple} ; ou lui donner une valeur par défaut.',
        f"alter table {vue.nom_sql} alter column {identifiant(colonne.nom)} set default …",
    )


def mots(vue: Vue) -> Iterator[Plainte]:
    """Complain of words of ours that the column refuses or has no word for, and of theirs that we have no word for."""
    for champ, colonne in vue.champs():
        acceptes = vue.table.mots_acceptes(colonne)
        traduits = vue.crm.valeurs.get(champ, {})
        ecrits = ECRITS.get(champ, ()) if colonne.nom in vue.inserees() else ()
        for notre, leur in traduits.items() if acceptes else ():
            if leur not in acceptes:
                yield _refuse(vue, colonne, champ, notre, leur)
        for notre in ecrits if acceptes else ():
            if notre not in traduits and notre not in acceptes:
                yield _sans_le_leur(vue, colonne, champ, notre)
        if champ in ECRITS:
            yield from _sans_mot(vue, colonne, champ, acceptes, traduits)


def _refuse(vue: Vue, colonne: Colonne, champ: str, notre: str, leur: str) -> Plainte:
    acceptes = ", ".join(vue.table.mots_acceptes(colonne))
    return Plainte(
        "mot_refuse",
        BLOQUANT,
        vue.ou(colonne.nom),
        f"« {notre} » s'écrirait « {leur} », que la colonne {vue.ou(colonne.nom)} refuse ; elle accepte : {acceptes}.",
        f'Dire dans le fichier de CRM_MAPPING, à values.{champ} : {notre} = "un de ces mots".',
        f"alter type {colonne.type} add value {litteral(leur)}" if colonne.enum else None,
    )


def _sans_le_leur(vue: Vue, colonne: Colonne, champ: str, notre: str) -> Plainte:
    """Say what becomes of a word of ours that is none of theirs: an enum holds `autre` instead, its default, or nothing."""
    if not colonne.enum or (champ == "role" and colonne.obligatoire and colonne.defaut is None):
        return _refuse(vue, colonne, champ, notre, notre)
    if AUTRE in vue.crm.valeurs.get(champ, {}):
        devient = "il y est écrit comme « autre »"
    elif not colonne.obligatoire:
        devient = "rien n'y est écrit"
    elif colonne.defaut is not None:
        devient = f"une nouvelle ligne y prend {colonne.defaut}"
    else:
        devient = "une nouvelle ligne est mise de côté"
    return Plainte(
        "mot_manquant",
        AVERTISSEMENT,
        vue.ou(colonne.nom),
        f"« {notre} » n'a pas de mot dans la colonne {vue.ou(colonne.nom)} : {devient}.",
        f'Dire dans le fichier de CRM_MAPPING, à values.{champ} : {notre} = "un de : {", ".join(colonne.etiquettes)}".',
    )


def _sans_mot(
    vue: Vue, colonne: Colonne, champ: str, acceptes: tuple[str, ...], traduits: Mapping[str, str]
) -> Iterator[Plainte]:
    connus = set(traduits.values()) | ({*ECRITS[champ], "manager", "admin"} if champ == "role" else set(STATUTS))
    inconnus = [mot for mot in acceptes if mot not in connus]
    if inconnus:
        lecture = "lus « autre »" if champ == "statut" else "sans droit de voir les contrats"
        yield Plainte(
            "mot_sans_sens",
            INFORMATION,
            vue.ou(colonne.nom),
            f"Nous n'avons pas de mot pour {', '.join(inconnus)} de {vue.ou(colonne.nom)} : laissés tels quels, {lecture}.",
            f"Si l'un d'eux veut dire un des nôtres, l'écrire à values.{champ} du fichier de CRM_MAPPING.",
        )
    if champ == "role" and acceptes:
        for role in ("manager", "admin"):
            if traduits.get(role, role) not in acceptes:
                yield Plainte(
                    "role_sans_mot",
                    AVERTISSEMENT,
                    vue.ou(colonne.nom),
                    f"Aucun mot de {vue.ou(colonne.nom)} ne veut dire « {role} » : personne n'aurait ce rôle.",
                    f'Écrire à values.role du fichier de CRM_MAPPING : {role} = "un de : {", ".join(acceptes)}".',
                )


def controles(vue: Vue) -> Iterator[Plainte]:
    """Tell of CHECKs over columns that we write, other than lists of words."""
    for controle in vue.table.contraintes:
        notres = [nom for nom in controle.colonnes if nom in vue.inserees() | vue.modifiees()]
        if controle.expression is None or not notres:
            continue
        if len(controle.colonnes) == 1 and vue.table.mots_acceptes(vue.table.colonnes[notres[0]]):
            continue
        yield Plainte(
            "controle",
            AVERTISSEMENT,
            f"{vue.ou()} ({controle.nom})",
            f"La contrainte {controle.nom} contrôle {', '.join(notres)} : une valeur de la source qui n'y répond pas fait "
            "échouer la synchronisation.",
            "Vérifier que ce que la source envoie y répond toujours ; sinon l'assouplir.",
            f"alter table {vue.nom_sql} drop constraint {identifiant(controle.nom)}",
        )
