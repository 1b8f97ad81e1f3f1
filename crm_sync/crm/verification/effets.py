"""What our writes set off, and what would hide rows from us: triggers, foreign keys, row security."""

from collections.abc import Iterator

from crm_sync.crm.correspondance import FAMILLES
from crm_sync.crm.inventaire import Contrainte, Declencheur, Politique
from crm_sync.crm.verification.plaintes import AVERTISSEMENT, BLOQUANT, INFORMATION, Plainte, Vue, identifiant


def declencheurs(vue: Vue) -> Iterator[Plainte]:
    """Name the triggers that our writes fire; one before a row may change or hide it, one with our rights may lack them."""
    for declencheur in vue.table.declencheurs:
        quand = _quand(vue, declencheur)
        if not quand:
            continue
        avant = declencheur.avant and declencheur.par_ligne
        nos_droits = not declencheur.a_ses_droits and not vue.inventaire.superutilisateur
        moments = f"avant {' et '.join(quand)}" if avant else " et ".join(f"à {moment}" for moment in quand)
        effets = [
            *(["il peut changer la ligne, ou l'écarter, ce qui ferait échouer la synchronisation"] if avant else []),
            *([f"il a les droits de {vue.inventaire.role}, qui lui manquent peut-être"] if nos_droits else []),
        ]
        yield Plainte(
            "declencheur_avant" if avant else "declencheur_apres",
            AVERTISSEMENT if effets else INFORMATION,
            f"{vue.ou()} ({declencheur.nom})",
            f"Le déclencheur {declencheur.nom} ({declencheur.fonction}) part {moments} d'une ligne de {vue.ou()}"
            f"{' : ' if effets else ''}{' ; '.join(effets)}.",
            _devant(declencheur, avant=avant, nos_droits=nos_droits),
        )


def _devant(declencheur: Declencheur, *, avant: bool, nos_droits: bool) -> str:
    """Say what to do about a trigger."""
    conseils = []
    if avant:
        conseils.append(
            "Lire cette fonction : ce qu'elle change, la synchronisation le verra comme une modification du CRM."
        )
    if nos_droits:
        conseils.append(
            f"Si {declencheur.fonction} lit ou écrit d'autres tables, lui donner ses droits (security definer)."
        )
    return " ".join(conseils) or "Rien, si ce qu'il fait doit aussi se faire pour nos lignes."


def _quand(vue: Vue, declencheur: Declencheur) -> list[str]:
    quand = ["l'insertion"] if declencheur.a_l_insertion else []
    touchees = vue.modifiees()
    if declencheur.a_la_mise_a_jour and touchees and (not declencheur.colonnes or touchees & set(declencheur.colonnes)):
        quand.append("la modification")
    return quand


def cles_etrangeres(vue: Vue) -> Iterator[Plainte]:
    """Complain of foreign keys that lead elsewhere than the mapping says, or to tables that we do not write."""
    champs = {nom: champ for champ, nom in vue.crm.colonnes.items()}
    for cle in vue.table.cles_etrangeres:
        for nom in cle.colonnes:
            if nom in vue.crm.insert:
                yield _constante(vue, cle, nom)
            elif nom in vue.inserees():
                yield from _champ(vue, cle, nom, champs[nom])


def _champ(vue: Vue, cle: Contrainte, nom: str, champ: str) -> Iterator[Plainte]:
    vers = ".".join(cle.vers or ())
    cible = FAMILLES.get((vue.entite, champ))
    if cible is None:
        yield Plainte(
            "cle_etrangere_de_valeurs",
            AVERTISSEMENT,
            f"{vue.ou(nom)} ({cle.nom})",
            f"La clé étrangère {cle.nom} n'accepte pour « {champ} » que ce qui est dans {vers}, où nous n'écrivons pas.",
            f"Y mettre toutes les valeurs que la source envoie, ou retirer {champ} du fichier de CRM_MAPPING.",
        )
    elif vue.voisines.get(cible) != cle.vers:
        yield Plainte(
            "cle_etrangere_ailleurs",
            BLOQUANT,
            f"{vue.ou(nom)} ({cle.nom})",
            f"La clé étrangère {cle.nom} mène à {vers}, or CRM_MAPPING met « {champ} » dans "
            f"{'.'.join(vue.voisines[cible]) if cible in vue.voisines else 'une autre base'} : nos lignes seraient refusées.",
            f"Nommer {vers} comme table dans CRM_MAPPING, ou une autre colonne pour {champ}.",
        )


def _constante(vue: Vue, cle: Contrainte, nom: str) -> Plainte:
    vers = ".".join(cle.vers or ())
    return Plainte(
        "cle_etrangere_de_constante",
        INFORMATION,
        f"{vue.ou(nom)} ({cle.nom})",
        f"La valeur que « insert » donne à {nom} doit exister dans {vers} (clé étrangère {cle.nom}), et y rester.",
        "Rien, si elle y est.",
    )


def securite_des_lignes(vue: Vue) -> Iterator[Plainte]:
    """Complain of row security that would hide rows from us: a hidden client looks like one that is not there."""
    if not vue.table.rls_active:
        return
    ecrit = bool(vue.modifiees())
    commandes = {"r": "lire", "a": "insérer", **({"w": "modifier"} if ecrit else {})}
    cachees = [mot for commande, mot in commandes.items() if not _tout_passe(vue.table.politiques, commande)]
    if cachees:
        role = identifiant(vue.inventaire.role)
        yield Plainte(
            "lignes_cachees",
            BLOQUANT,
            vue.ou(),
            f"La sécurité au niveau des lignes de {vue.ou()} empêche {vue.inventaire.role} de tout {', '.join(cachees)} : une "
            "ligne cachée passerait pour absente, et serait créée une deuxième fois.",
            "Donner à ce rôle une règle qui laisse tout voir.",
            f"create policy crm_sync on {vue.nom_sql} to {role} using (true) with check (true)",
        )


def _tout_passe(politiques: tuple[Politique, ...], commande: str) -> bool:
    """Whether the policies let every row pass: one that permits all, and none that restricts."""
    siennes = [p for p in politiques if p.commande in {"*", commande}]

    def passe(p: Politique) -> bool:
        visible = p.visible in {None, "true"} or commande == "a"
        # Without a check of its own a policy checks new rows by what it shows.
        acceptee = commande == "r" or (p.acceptee or p.visible) == "true"
        return visible and acceptee

    return any(p.permissive and passe(p) for p in siennes) and all(p.permissive or passe(p) for p in siennes)
