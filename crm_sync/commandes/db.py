"""`crm-sync db map`, `db check` and `db grants`: an existing CRM recognised, checked and opened. They write nothing in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from crm_sync.commandes.ouverture import EnJson
from crm_sync.errors import ConfigurationError

if TYPE_CHECKING:
    from crm_sync.crm.proposition.proposition import Proposition
    from crm_sync.crm.verification import Plainte

LARGEUR = 110
TITRES = {
    "bloquant": "À corriger avant toute synchronisation",
    "avertissement": "À savoir",
    "information": "Pour information",
}


def proposer(
    fichier: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Écrire dans ce fichier, qui ne doit pas exister.")
    ] = None,
    tables: Annotated[
        list[str] | None,
        typer.Option("--table", metavar="ENTITÉ=SCHÉMA.TABLE", help="Décider d'une table : contrat=public.contracts."),
    ] = None,
    en_json: EnJson = False,
) -> None:
    """Propose le fichier de CRM_MAPPING d'après le CRM, avec les raisons. Exemple : crm-sync db map --output crm.toml"""
    from crm_sync import affichage
    from crm_sync.crm.proposition.proposition import proposer as lire_et_proposer
    from crm_sync.crm.proposition.redaction import certitudes, rediger
    from crm_sync.resources import ouvrir_bases
    from crm_sync.settings import load_settings

    imposees = _imposees(tables or [])
    if fichier is not None and fichier.exists():
        raise ConfigurationError(f"Le fichier {fichier.name} existe déjà. Choisir un autre nom, ou l'effacer.")
    # The mapping that there is, if any, may be the very one that is being mended.
    reglages = load_settings().model_copy(update={"crm_mapping": None})
    with ouvrir_bases(reglages) as bases:
        proposition = lire_et_proposer(bases, imposees)
    texte = rediger(proposition)
    if fichier is not None:
        _ecrire(fichier, texte)
    if en_json:
        document = {"toml": texte, "trous": proposition.trous, "tables": certitudes(proposition)}
        affichage.en_json({**document, "fichier": str(fichier) if fichier else None})
        return
    if fichier is None:
        typer.echo(texte, nl=False)
    _suite(proposition, fichier)


def _imposees(tables: Sequence[str]) -> Mapping[str, str]:
    from crm_sync.domain.noms_crm import ENTITES

    imposees = dict(dite.partition("=")[::2] for dite in tables)
    for entite, table in imposees.items():
        if entite not in ENTITES or "." not in table:
            raise ConfigurationError(
                f"--table attend ENTITÉ=SCHÉMA.TABLE, par exemple contrat=public.contracts ; entités : {', '.join(ENTITES)}."
            )
    return imposees


def _ecrire(fichier: Path, texte: str) -> None:
    try:
        fichier.write_text(texte, encoding="utf-8")
    except OSError as erreur:
        raise ConfigurationError(
            f"Le fichier {fichier.name} ne peut pas être écrit ({erreur.strerror}). Choisir un autre endroit."
        ) from None


def _suite(proposition: "Proposition", fichier: Path | None) -> None:
    """Say on standard error what is left to a person: standard output is the file."""
    from crm_sync import affichage

    nom = fichier.name if fichier else "ce-fichier.toml"
    trous = proposition.trous
    if trous:
        affichage.erreurs.print(f"{affichage.compte(len(trous), 'trou')} à remplir (« ? »), le reste à relire :")
        for trou in trous:
            affichage.erreurs.print(f"  {trou}")
    else:
        affichage.erreurs.print("Aucun trou ; à relire.")
    affichage.erreurs.print(f"Ensuite : CRM_MAPPING={nom} crm-sync db check")


def verifier(en_json: EnJson = False) -> None:
    """Dit si une synchronisation marchera, ce qui manque, et quoi faire. Exemple : crm-sync db check"""
    from crm_sync import affichage
    from crm_sync.crm.verification import BLOQUANT, verifier
    from crm_sync.resources import ouvrir_bases

    with ouvrir_bases() as bases:
        plaintes = verifier(bases)
    bloque = any(plainte.gravite == BLOQUANT for plainte in plaintes)
    if en_json:
        comptes = {gravite: sum(p.gravite == gravite for p in plaintes) for gravite in TITRES}
        affichage.en_json(
            {
                "statut": "bloque" if bloque else "pret",
                "nombre": comptes,
                "plaintes": [plainte.en_json() for plainte in plaintes],
            }
        )
    else:
        _montrer(plaintes)
    raise typer.Exit(2 if bloque else 0)


def _montrer(plaintes: Sequence["Plainte"]) -> None:
    from crm_sync import affichage

    ecrire = affichage.console.print
    for gravite, titre in TITRES.items():
        siennes = [plainte for plainte in plaintes if plainte.gravite == gravite]
        if siennes:
            ecrire(f"{titre} : {affichage.compte(len(siennes), 'point')}\n")
        for plainte in siennes:
            ecrire(f"  {plainte.ou} ({plainte.code})")
            ecrire(_paragraphe(plainte.phrase))
            ecrire(_paragraphe(f"Que faire : {plainte.que_faire}"))
            if plainte.sql:
                ecrire("\n".join(f"      {ligne}" for ligne in f"{plainte.sql};".splitlines()))
            ecrire("")
    if not plaintes:
        ecrire("Rien à redire : une synchronisation marchera.")
    elif plaintes[0].gravite == "bloquant":
        ecrire("Corriger, puis relancer « crm-sync db check ». Rien n'a été écrit.")
    else:
        ecrire("Une synchronisation marchera ; « crm-sync plan » montre ce qu'elle ferait.")


def _paragraphe(texte: str) -> str:
    from crm_sync import affichage

    largeur = min(affichage.console.width, LARGEUR)
    for lies in ("« ", " »", " :", " ;", " ?"):
        texte = texte.replace(lies, lies.replace(" ", "\N{NO-BREAK SPACE}"))
    return fill(
        texte, largeur, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )


def droits(
    role: Annotated[str, typer.Option("--role", metavar="NAME", help="Le rôle qui synchronise.")] = "crm_sync",
    migration: Annotated[
        str, typer.Option("--migration-role", metavar="NAME", help="Le rôle qui crée et met à niveau nos tables.")
    ] = "crm_sync_migration",
    api: Annotated[
        str | None,
        typer.Option("--api-role", metavar="NAME", help="Ajouter les droits du rôle de « crm-sync serve », qui lit."),
    ] = None,
    en_json: EnJson = False,
) -> None:
    """Le script SQL des droits, les moindres, de chaque rôle. Exemple : crm-sync db grants --role crm_sync > droits.sql"""
    from crm_sync import affichage
    from crm_sync.crm.droits import script
    from crm_sync.resources import ouvrir_bases

    with ouvrir_bases() as bases:
        texte = script(bases, role, migration, api)
    if en_json:
        affichage.en_json({"role": role, "role_de_migration": migration, "role_de_l_api": api, "sql": texte})
    else:
        typer.echo(texte, nl=False)
