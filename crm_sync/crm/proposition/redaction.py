"""The mapping file as text: TOML with the reasons as comments, and `"?"` where a person must decide.

The keys are those of the contract (`[contrat]`, `[contrat.columns]`, …); only comments are added.
"""

import json
import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from psycopg import sql

from crm_sync.crm.inventaire import Colonne
from crm_sync.crm.mapping import TROU
from crm_sync.crm.proposition.champs import Choix
from crm_sync.crm.proposition.proposition import EntiteProposee, Proposition
from crm_sync.crm.proposition.tables import ESSENTIELS

LARGEUR = 96
EN_TETE = """\
Correspondance proposée par « crm-sync db map », à relire.
« sûr » : le nom, le type et, s'il y en a, les valeurs disent la même chose. « probable » : à vérifier.
Un « ? » est un trou : « crm-sync db check » et « crm-sync sync » le refusent tant qu'il n'est pas rempli.
Ensuite : CRM_MAPPING=ce-fichier.toml crm-sync db check"""
_NUE = re.compile(r"[A-Za-z0-9_-]+")


def rediger(proposition: Proposition) -> str:
    """Write the file; the same proposal gives the same text."""
    lignes = [*_commentaire(*EN_TETE.split("\n")), "version = 1"]
    for entite in proposition.entites:
        lignes += ["", *_entite(entite, proposition)]
    return "\n".join(lignes) + "\n"


def _entite(entite: EntiteProposee, proposition: Proposition) -> Iterator[str]:
    yield f"[{entite.entite}]"
    table = entite.trouvee.table
    if table is None:
        yield from _sans_table(entite, proposition)
        return
    yield from _commentaire(f"{_certitude(sur=entite.trouvee.sure)} : {' ; '.join(entite.trouvee.raisons)}")
    yield f"table = {_texte(table.complet)}"
    genre, raison = entite.id
    yield from _ligne(f"id = {_texte(genre or TROU)}", f"{'sûr' if genre else 'à décider'} : {raison}")
    if entite.deleted_at:
        leur = entite.deleted_at.colonne.nom if entite.deleted_at.colonne else TROU
        yield from _ligne(f"deleted_at = {_texte(leur)}", _dit(entite.deleted_at))
    if entite.compteurs:
        compteurs = ", ".join(_texte(c.nom) for c in entite.compteurs)
        yield from _ligne(
            f"increment = [{compteurs}]", "probable : compteur de verrou optimiste, que nos écritures avancent"
        )
    if entite.sans_zone:
        colonnes = ", ".join(entite.sans_zone)
        yield from _commentaire(
            f"probable : ces horodatages n'ont pas de zone ({colonnes}) ; UTC est le défaut, à vérifier"
        )
        yield 'timezone = "UTC"'
    yield from _colonnes(entite)
    yield from _mots(entite)
    yield from _constantes(entite)


def _colonnes(entite: EntiteProposee) -> Iterator[str]:
    yield f"[{entite.entite}.columns]"
    for champ, choix in entite.champs.items():
        leur = choix.colonne.nom if choix.colonne else choix.candidates[0] if choix.possible else TROU
        yield from _ligne(f"{'# ' if choix.possible else ''}{champ} = {_texte(leur)}", _dit(choix))
    if entite.entite == "client_base" and "identity_card" not in entite.champs:
        yield from _sans_piece_d_identite(entite)


def _dit(choix: Choix) -> str:
    raisons = " ; ".join(choix.raisons)
    if choix.colonne is not None:
        return f"{_certitude(sur=choix.sur)} : {raisons}"
    candidates = f" ; candidates : {', '.join(choix.candidates)}" if choix.candidates else ""
    if choix.possible:
        return f"possible, non repris : {raisons}{candidates}. Retirer le # si c'est cela"
    return f"à décider : {raisons}{candidates}"


def _mots(entite: EntiteProposee) -> Iterator[str]:
    for champ, mots in entite.mots.items():
        yield f"[{entite.entite}.values.{champ}]"
        if mots.sans_sens:
            lus = ", lus « autre »" if champ == "statut" else ", sans droit de voir les contrats" * (champ == "role")
            yield from _commentaire(
                f"leurs mots que nous ne connaissons pas, laissés tels quels{lus} : {', '.join(mots.sans_sens)}"
            )
        for mot in mots.mots:
            candidats = f" ; candidats : {', '.join(mot.candidats)}" if mot.candidats else ""
            raison = f"{'sûr' if mot.leur else 'à décider'} : {mot.raison}{candidats}"
            yield from _ligne(f"{mot.notre} = {_texte(mot.leur or TROU)}", raison)


def _constantes(entite: EntiteProposee) -> Iterator[str]:
    if entite.constantes:
        yield f"[{entite.entite}.insert]"
    for constante in entite.constantes:
        raison = f"{'sûr' if constante.valeur else 'à décider'} : {constante.raison}"
        valeur = _texte(TROU) if constante.valeur is None else str(constante.valeur)
        yield from _ligne(f"{_cle(constante.colonne.nom)} = {valeur}", raison)


def _sans_table(entite: EntiteProposee, proposition: Proposition) -> Iterator[str]:
    """Leave the table open: the candidates, or the statement that makes what is missing."""
    yield from _commentaire(f"à décider : {' ; '.join(entite.trouvee.raisons)} dans la base {entite.lieu}")
    if entite.trouvee.candidates:
        noms = entite.trouvee.candidates
        yield from _commentaire(f"candidates : {', '.join(noms)}. En choisir une et relancer :")
        yield f"#   crm-sync db map --table {entite.entite}={noms[0]}"
    if entite.entite == "information_paiement_bancaire" and not entite.trouvee.candidates:
        yield from _table_bancaire(proposition.client)
        return
    yield f"table = {_texte(TROU)}"
    yield f"id = {_texte(TROU)}"
    yield f"[{entite.entite}.columns]"
    yield from (f"{champ} = {_texte(TROU)}" for champ in ("id", *ESSENTIELS[entite.entite]))


def _table_bancaire(client: Colonne | None) -> Iterator[str]:
    entier = client is not None and client.type_de_base in {"smallint", "integer", "bigint"}
    ident = "bigint generated by default as identity" if entier else "uuid default gen_random_uuid()"
    vers = client.type if client is not None else "uuid"
    yield from _commentaire(
        "Les coordonnées bancaires de la source n'ont pas de place dans ce CRM : c'est la seule table à créer. L'unicité de "
        "(client_id, iban) empêche de ranger deux fois le même IBAN. À exécuter dans la base de service-finance, puis "
        "remplacer le « ? » par public.information_paiement_bancaire :"
    )
    yield from (
        "#   create table public.information_paiement_bancaire (",
        f"#     id {ident} primary key,",
        f"#     client_id {vers} not null,",
        "#     iban text not null,",
        "#     bic text,",
        "#     created_at timestamptz not null default now(),",
        "#     updated_at timestamptz not null default now(),",
        "#     unique (client_id, iban)",
        "#   );",
        f"table = {_texte(TROU)}",
        f"id = {_texte('int' if entier else 'uuid')}",
        "[information_paiement_bancaire.columns]",
    )
    yield from (f'{champ} = "{champ}"' for champ in ("id", "client_id", "iban", "bic", "created_at", "updated_at"))


def _sans_piece_d_identite(entite: EntiteProposee) -> Iterator[str]:
    table = entite.trouvee.table
    if table is None:
        return
    nom = sql.Identifier(table.schema, table.nom).as_string(None)
    yield from _commentaire(
        "La pièce d'identité de la source n'a pas de colonne ici ; sans elle, seule la synchronisation la garde. Pour la voir "
        "dans le CRM, exécuter l'instruction dans la base de service-core, puis retirer le # de la dernière ligne :"
    )
    colonne = "identityCard" if any(c != c.lower() for c in table.colonnes) else "identity_card"
    yield f'#   alter table {nom} add column "{colonne}" jsonb;'
    yield f'# identity_card = "{colonne}"'


def _ligne(affectation: str, commentaire: str) -> list[str]:
    """Write an assignment with its reason behind it, or above it where the line would be too long."""
    ensemble = f"{affectation}  # {commentaire}"
    return [ensemble] if len(ensemble) <= LARGEUR else [*_commentaire(commentaire), affectation]


def _certitude(*, sur: bool) -> str:
    return "sûr" if sur else "probable"


def _commentaire(*textes: str) -> list[str]:
    return [f"# {ligne}" for texte in textes for ligne in wrap(texte, LARGEUR, break_on_hyphens=False)]


def _texte(valeur: str) -> str:
    return json.dumps(valeur, ensure_ascii=False)


def _cle(nom: str) -> str:
    return nom if _NUE.fullmatch(nom) else _texte(nom)


def certitudes(proposition: Proposition) -> dict[str, dict[str, Iterable[str]]]:
    """Give per entity which fields are sure, probable and open."""
    return {
        entite.entite: {
            "surs": [champ for champ, choix in entite.champs.items() if choix.colonne and choix.sur],
            "probables": [champ for champ, choix in entite.champs.items() if choix.colonne and not choix.sur],
            "trous": entite.trous,
        }
        for entite in proposition.entites
    }
