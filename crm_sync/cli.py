"""The command line: parse, call, print. French for ops; `--json` prints one document and nothing else.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused by a guard. Heavy imports happen inside the
commands that need them, so that `--help` answers at once.
"""

import getpass
import signal
import sys
from typing import Annotated

import typer

from crm_sync.commandes import db, doublons, journal, plan, retraits, serve, source, ventes, why
from crm_sync.commandes.ouverture import Demo, EnJson, Prospects, bases, introuvable, reglages
from crm_sync.errors import CrmSyncError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Apporte les prospects, contrats et coordonnées bancaires de la source dans le CRM.",
)
source_app = typer.Typer(no_args_is_help=True, help="Le point d'accès : spécification, vérification, référence.")
db_app = typer.Typer(
    no_args_is_help=True, help="Les bases de données : reconnaître un CRM, le vérifier, mise à niveau."
)
app.add_typer(source_app, name="source")
app.add_typer(db_app, name="db")

app.add_typer(doublons.app, name="duplicates")
app.add_typer(journal.app, name="journal")
app.command("plan")(plan.plan)
app.command("why")(why.why)
app.command("undo")(journal.undo)
app.add_typer(retraits.app, name="removals")
app.command("sold")(ventes.sold)
app.command("serve")(serve.serve)
source_app.command("spec")(source.spec)
source_app.command("check")(source.check)
db_app.command("map")(db.proposer)
db_app.command("check")(db.verifier)
db_app.command("grants")(db.droits)


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error, never a traceback."""
    signal.signal(signal.SIGTERM, _terminer)
    try:
        app()
    except CrmSyncError as erreur:
        _dire_erreur(erreur)
        sys.exit(erreur.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _terminer(_signal: int, _frame: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _dire_erreur(erreur: CrmSyncError) -> None:
    from crm_sync import affichage

    if "--json" in sys.argv:
        statut = "refusee" if erreur.exit_code == 3 else "echouee"  # noqa: PLR2004  the contract's code
        affichage.en_json({"statut": statut, "message": str(erreur), "avertissements": []})
    affichage.erreurs.print(str(erreur))


@app.command()
def sync(
    en_json: EnJson = False,
    demo: Demo = False,
    prospects: Prospects = 300,
) -> None:
    """Une synchronisation complète, vue ensuite dans Dagster. Exemple : crm-sync sync"""
    from crm_sync import affichage
    from crm_sync.instance import instance_prete

    with reglages(demo=demo, prospects=prospects) as lus, instance_prete(lus):
        with bases(a_jour=True) as ouvertes, affichage.progression(muette=en_json):
            from crm_sync.execution import synchroniser

            donnees, code = synchroniser(ouvertes)
        if en_json:
            affichage.en_json(donnees)
        else:
            affichage.resultat(donnees)
    raise typer.Exit(code)


@app.command()
def kpi(
    en_json: EnJson = False,
    pour: Annotated[
        str | None, typer.Option("--pour", metavar="ID", help="Ce que voit cet utilisateur du CRM ; par défaut, tout.")
    ] = None,
) -> None:
    """Les contrats par commercial. Exemple : crm-sync kpi --json"""
    from crm_sync import affichage
    from crm_sync.crm import kpi as indicateurs
    from crm_sync.crm import visibilite

    with bases() as ouvertes:
        lignes = indicateurs.tableau(ouvertes)
        qui = visibilite.spectateur(ouvertes, pour) if pour is not None else None
    if pour is not None:
        if qui is None:
            introuvable("Cet utilisateur ne voit rien : inconnu du CRM, inactif, ou sans rôle connu.", en_json=en_json)
        lignes = [ligne for ligne in lignes if qui.voit_apporteur(ligne["commercial_id"])]
    if en_json:
        affichage.en_json({"lignes": lignes})
    else:
        affichage.kpi(lignes)


@app.command(hidden=True)
def suite() -> None:
    """Ce que l'on peut faire ensuite ; « make run » finit par là."""
    from crm_sync import affichage

    affichage.suite()


@app.command()
def client(
    qui: Annotated[
        str,
        typer.Argument(metavar="WHO", help="E-mail, téléphone, référence de contrat ou id ; client:ID ou contrat:REF."),
    ],
    en_json: EnJson = False,
) -> None:
    """Tout ce que l'on sait d'un client. Exemple : crm-sync client contrat:8177185WNC"""
    from crm_sync import affichage
    from crm_sync.crm import fiche

    with bases() as ouvertes:
        ids = fiche.trouver(ouvertes, qui)
        fiches = [trouvee for client_id in ids if (trouvee := fiche.fiche(ouvertes, client_id))]
    if not fiches:
        introuvable(
            "Aucun client ne correspond. Essayer un e-mail, un téléphone, contrat:REF ou client:ID.", en_json=en_json
        )
    if en_json:
        affichage.en_json({"clients": fiches})
        return
    for trouvee in fiches:
        affichage.client(trouvee)


@app.command()
def rejects(en_json: EnJson = False) -> None:
    """Ce qui est mis de côté, pourquoi, et que faire. Exemple : crm-sync rejects"""
    from crm_sync import affichage
    from crm_sync.crm import fiche

    with bases() as ouvertes:
        lignes = fiche.rejets(ouvertes)
    if en_json:
        affichage.en_json({"rejets": lignes})
    else:
        affichage.rejets(lignes)


@app.command()
def request(
    en_json: EnJson = False,
    par: Annotated[str | None, typer.Option("--par", help="Au nom de qui ; par défaut, l'utilisateur système.")] = None,
    attente: Annotated[float, typer.Option(min=0, help="Secondes d'attente au plus.")] = 300.0,
) -> None:
    """Ce que fait le bouton du CRM : dépose une demande et la suit. Exemple : crm-sync request"""
    from crm_sync import affichage
    from crm_sync.crm import demandes

    with bases(a_jour=True) as ouvertes:
        demande_id = demandes.deposer(ouvertes, par or getpass.getuser())
        demande = demandes.suivre(
            ouvertes, demande_id, attente, lambda etape: None if en_json else affichage.etape(etape)
        )
    if en_json:
        affichage.en_json({"id": demande_id, **demande})
    elif demande["statut"] not in demandes.FINIS:
        affichage.erreurs.print(
            f"La demande {demande_id} attend encore ({demande['statut']}). Rien ne la prend ? Démarrer « crm-sync dev »."
        )
    else:
        affichage.resultat(demande["resultat"] or {**demande, "avertissements": []})
    raise typer.Exit({"reussie": 0, "refusee": 3}.get(demande["statut"], 1))


@app.command()
def dev(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port de l'interface de Dagster.")] = 3000,
    prospects: Annotated[int, typer.Option(min=0, help="Prospects de la source de référence.")] = 300,
) -> None:
    """Dagster, son démon, la démonstration, la source de référence s'il n'y a pas d'EXTERNAL_API_URL. Exemple : crm-sync dev"""
    from crm_sync.dev import servir

    servir(port=port, prospects=prospects)


@source_app.command("serve")
def source_serve(
    prospects: Annotated[int, typer.Option(min=0, help="Nombre de prospects inventés.")] = 300,
    seed: Annotated[int, typer.Option(help="Graine : même graine, mêmes prospects.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port ; 0 : un port libre.")] = 8100,
    token: Annotated[str | None, typer.Option(help="Jeton exigé des lecteurs.")] = None,
) -> None:
    """Le serveur de référence : la forme exacte de la source, des gens inventés. Exemple : crm-sync source serve"""
    from crm_sync import affichage
    from crm_sync.source.reference import servir

    def annoncer(url: str) -> None:
        affichage.console.print(f"Source de référence : {url} ({prospects} prospects, graine {seed})")
        affichage.console.print(f"La faire changer : curl -X POST {url.removesuffix('/prospects')}/changements")

    servir(prospects, seed, port, token, annoncer)


@db_app.command("upgrade")
def db_upgrade(en_json: EnJson = False) -> None:
    """Crée ou met à niveau nos tables. Exemple : crm-sync db upgrade"""
    from crm_sync import affichage
    from crm_sync.crm import schema
    from crm_sync.resources import ouvrir_bases

    with ouvrir_bases() as ouvertes:
        parties = schema.mettre_a_jour(ouvertes)
    if en_json:
        affichage.en_json({"mises_a_niveau": parties})
    elif parties:
        affichage.console.print(f"Tables créées ou mises à niveau : {', '.join(parties)}.")
    else:
        affichage.console.print("Les tables sont à jour.")
