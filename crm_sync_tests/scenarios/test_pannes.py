"""A crash at each instant of a sync: the next one ends where one clean sync would have, with the same ids, no twins."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest

from crm_sync.crm import apply, bruts, journal, kpi, livres, normalises, repos
from crm_sync.crm.session import INTERROMPUE, Session
from crm_sync.embedded import ServeurEmbarque
from crm_sync.resources import Source
from crm_sync_tests.commande import attendre, lancer
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import (
    BIC,
    IBANS,
    base_neuve,
    commercial,
    comptes,
    contrat,
    etat_crm,
    lecture,
    passer,
    prospect,
    une_base,
)
from crm_sync_tests.synchro import enchainer, synchroniser

ANCIEN, NOUVEAU = commercial("Ancien"), commercial("Nouveau")
AVANT = [
    prospect(1, contrat("R1", statut="En attente", dateSignature=None), commercial=ANCIEN),
    prospect(2, commercial=ANCIEN),
    prospect(3, contrat("R3"), contrat(None), commercial=None),
]
APRES = [
    # Changed: a name, a status, the sales rep; new: a contract, a second IBAN.
    prospect(
        1,
        contrat("R1", statut="Signé"),
        contrat("R1bis"),
        prenom="Autrement",
        commercial=NOUVEAU,
        informationsPaiement=[{"IBAN": IBANS[1], "BIC": BIC}, {"IBAN": IBANS[0]}],
    ),
    prospect(2, commercial=commercial("Ancien", telephone="0199000042")),
    prospect(3, contrat("R3"), contrat(None), commercial=NOUVEAU),
    prospect(4, commercial=commercial("Encore")),
    prospect(5, contrat("R5", montant="douze"), commercial=None),
    # Known to the CRM before any sync.
    prospect(
        6,
        contrat(" du-crm ", updatedAt="2025-01-01T00:00:00.000Z"),
        nom="Moreau",
        prenom="Inès",
        informationsPaiement=[{"IBAN": IBANS[2], "BIC": BIC}],
    ),
]
LIVRES = ("commerciaux", "clients", "contrats", "informations_paiement")
ENTITES = ("client", "utilisateur", "apporteur", "contrat", "information_paiement")


class Coupure(BaseException):
    """The process dies here."""


def _une_vie_anterieure(base: Base) -> None:
    """Give the CRM a client, a contract and a user that no sync brought."""
    base.lire(
        "insert into service_core.client_base (id, nom, prenom, email, telephone) values "
        "('00000000-0000-4000-8000-000000000001', 'Moreau', 'Inès', 'PERSONNE6@exemple.example.org', null)"
    )
    base.lire(
        "insert into service_core.utilisateur (email, role, actif) values ('encore@ventes.example', 'manager', true)"
    )
    base.lire(
        "with a as (insert into service_commercial.apporteur (nom) values ('Historique') returning id) "
        "insert into service_commercial.contrat (reference, statut, client_id, commercial_id, updated_at) "
        "select 'DU-CRM', 'valide', '00000000-0000-4000-8000-000000000001', id, '2024-01-01' from a"
    )
    base.lire(
        "insert into service_finance.information_paiement_bancaire (client_id, iban) values "
        "('00000000-0000-4000-8000-000000000001', %s)",
        IBANS[2],
    )


@pytest.fixture(scope="module")
def modele(postgres: ServeurEmbarque) -> Iterator[str]:
    """A CRM with a life before us, and one sync behind it: the state in which the next sync will crash."""
    with base_neuve(postgres) as base:
        _une_vie_anterieure(base)
        passer(base, *AVANT)
        yield base.url.split("?")[0].rsplit("/", 1)[1]


@pytest.fixture
def base(postgres: ServeurEmbarque, modele: str) -> Iterator[Base]:
    """The CRM of these stories."""
    with base_neuve(postgres, modele) as neuve:
        yield neuve


ETAT = {
    "liens": "select entite, source_id, etat, empreinte from crm_sync.lien order by 1, 2",
    "lots en suspens": "select entite from crm_sync.lot where etat = 'prevu'",
    "historique": (
        "select c.reference, a.nom, b.nom from crm_sync.contrat_commercial_historique h "
        "join service_commercial.contrat c on c.id::text = h.contrat_id "
        "join service_commercial.apporteur b on b.id::text = h.commercial_id "
        "left join service_commercial.apporteur a on a.id::text = h.ancien_commercial_id order by 1, 2, 3"
    ),
    "vendu par": (
        "select c.reference, a.nom from crm_sync.contrat_vente v "
        "join service_commercial.contrat c on c.id::text = v.contrat_id "
        "join service_commercial.apporteur a on a.id::text = v.commercial_id order by 1"
    ),
    "rejets": "select entite, chemin, motif, ferme_le is null from crm_sync.rejet order by 1, 2, 3",
    "kpi": (
        "select nom, nb_contrats, nb_clients, montant_total, rang, nb_vendus, montant_vendu "
        "from service_commercial.kpi_contrats_par_commercial order by 1, 2"
    ),
    "bruts": "select id_prospect, charge_sha256 from crm_sync.prospect_brut order by 2",
}


def _etat(base: Base) -> dict[str, Any]:
    """Give all that a sync leaves behind, without ids and times."""
    with psycopg.connect(base.url, autocommit=True) as connexion:
        suite = {nom: connexion.execute(requete).fetchall() for nom, requete in ETAT.items()}
    return {**etat_crm(une_base(base.url)), **suite}


@pytest.fixture(scope="module")
def jumelle(postgres: ServeurEmbarque, modele: str) -> Iterator[dict[str, Any]]:
    """The state after one clean sync of the same answer, on a twin database."""
    with base_neuve(postgres, modele) as base:
        passer(base, *APRES)
        etat = _etat(base)
        assert [avant for _, avant, _ in etat["historique"]] == ["Historique", "Ancien", "Non attribué"]
        assert all(etat[nom] for nom in ("vendu par", "rejets", "kpi", "liens"))
        yield etat


@pytest.fixture(scope="module")
def pid_mort() -> int:
    with subprocess.Popen(["true"]) as processus:
        return processus.pid


def _mourir_a(monkeypatch: pytest.MonkeyPatch, ou: Any, nom: str, *, apres: bool, si: Callable[..., bool]) -> None:
    """Let a function end the process, before or after its work, the first time that `si` holds of its arguments."""
    vraie = getattr(ou, nom)

    def mortelle(*args: Any, **kwargs: Any) -> Any:
        if not si(*args, **kwargs):
            return vraie(*args, **kwargs)
        if apres:
            vraie(*args, **kwargs)
        raise Coupure

    monkeypatch.setattr(ou, nom, mortelle)


def _mort_brutale(pid_mort: int) -> Callable[[Session], None]:
    """Give what is left of `Session.clore` after a kill: sockets close, the lock stays with a process that is gone."""

    def clore(moi: Session) -> None:
        moi._verrou._fin.set()
        moi.bases.connexion("sync").execute(
            "update crm_sync.verrou set pid = %s where titulaire is not null", [pid_mort]
        )
        moi.bases.close()

    return clore


def _de(entite: str) -> Callable[..., bool]:
    return lambda *args, **kwargs: any(isinstance(argument, str) and argument == entite for argument in args)


def _toujours(*_args: Any, **_kwargs: Any) -> bool:
    return True


INSTANTS: dict[str, tuple[Any, str, bool, Callable[..., bool]]] = {
    "before the answer is stored": (bruts, "enregistrer", False, _toujours),
    "while the answer is stored": (bruts, "_premiers", False, _toujours),
    "after the answer is stored": (bruts, "enregistrer", True, _toujours),
    "while prospects are normalised": (normalises, "_remplacer", True, _toujours),
    "after the normalised tables": (normalises, "normaliser", True, _toujours),
    "after the KPI": (kpi, "recalculer", True, _toujours),
    "while the outcome is written": (Session, "_ecrire_resultat", True, _toujours),
    "before the rest is noted": (repos, "noter", False, _toujours),
    **{
        f"{entite}: {quand}": (ou, nom, apres, _de(entite))
        for entite in ENTITES
        for quand, ou, nom, apres in (
            ("planned", journal, "prevoir", True),
            ("committed, not settled", apply, "appliquer", True),
        )
    },
    "contrat: written, not committed": (apply, "_mise_a_jour", True, lambda table: table.entite == "contrat"),
    **{f"{entite}: settled": (journal, "regler", True, _de(entite)) for entite in ("client", "contrat")},
}


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_crash_at_any_instant_is_made_good_by_the_next_sync(
    base: Base, jumelle: dict[str, Any], pid_mort: int, monkeypatch: pytest.MonkeyPatch, instant: str
) -> None:
    ou, nom, apres, si = INSTANTS[instant]
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    with monkeypatch.context() as coupure:
        _mourir_a(coupure, ou, nom, apres=apres, si=si)
        if ou not in {Session, repos}:
            coupure.setattr(Session, "clore", _mort_brutale(pid_mort))
        with pytest.raises(Coupure):
            enchainer(base.bases(), lecture(*APRES), "morte")
    ids = base.lire("select entite, source_id, crm_id from crm_sync.lien_externe")

    reprise = passer(base, *APRES)
    assert _etat(base) == jumelle
    assert set(ids) <= set(base.lire("select entite, source_id, crm_id from crm_sync.lien_externe"))
    assert comptes(base, reprise)["statut"] == "reussie"
    assert base.valeur("select count(*) from crm_sync.synchronisation where statut = 'en_cours'") == 0
    assert base.valeur("select count(*) from crm_sync.demande_sync where statut in ('en_attente', 'en_cours')") == 0


def test_bank_details_typed_between_a_crash_and_the_next_sync_are_those_that_were_planned(
    postgres: ServeurEmbarque, pid_mort: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CRM of their own may hold an IBAN twice: nothing but the rule keeps us from making a second row."""
    reponse = prospect(1, informationsPaiement=[{"id": 7, "IBAN": IBANS[0]}])
    lignes = "select id::text from service_finance.information_paiement_bancaire"
    with base_neuve(postgres) as base:
        base.lire(
            "alter table service_finance.information_paiement_bancaire drop constraint "
            "information_paiement_bancaire_client_id_iban_key"
        )
        with monkeypatch.context() as coupure:
            _mourir_a(coupure, journal, "prevoir", apres=True, si=_de("information_paiement"))
            coupure.setattr(Session, "clore", _mort_brutale(pid_mort))
            with pytest.raises(Coupure):
                enchainer(base.bases(), lecture(reponse), "morte")
        base.lire(
            "insert into service_finance.information_paiement_bancaire (client_id, iban) "
            "select id, %s from service_core.client_base",
            IBANS[0],
        )
        typee = base.lire(lignes)
        for _ in range(2):
            assert comptes(base, passer(base, reponse))["informations_paiement"]["inchanges"] == 1
            assert base.lire(lignes) == typee
            assert base.lire("select crm_id from crm_sync.lien where entite = 'information_paiement'") == typee


def test_a_server_crash_that_empties_the_unlogged_tables_costs_a_reading_and_no_row(base: Base) -> None:
    passer(base, *APRES)
    base.lire("update service_core.client_base set telephone = '0199000099' where nom = 'Moreau'")
    avant, etat = base.empreinte_crm(), _etat(base)
    depuis = base.lire("select cle, depuis, ferme_le from crm_sync.rejet order by rejet_id")
    tables = base.lire(
        "select quote_ident(relname) from pg_class where relpersistence = 'u' and relkind = 'r' "
        "and relnamespace = 'crm_sync'::regnamespace"
    )
    assert len(tables) == 7
    base.lire(f"truncate {', '.join(f'crm_sync.{table}' for (table,) in tables)}")

    session = passer(base, *APRES)
    assert base.empreinte_crm() == avant
    assert _etat(base) == etat
    assert base.lire("select cle, depuis, ferme_le from crm_sync.rejet order by rejet_id") == depuis
    assert all(comptes(base, session)[e]["crees"] == comptes(base, session)[e]["modifies"] == 0 for e in LIVRES)


def test_a_killed_command_frees_the_lock_at_once_and_the_next_sync_says_what_became_of_it(
    base: Base, source: SourceEssai, jumelle: dict[str, Any], dagster_url: str, tmp_path: Path
) -> None:
    source.corps = json.dumps(APRES).encode()
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    with psycopg.connect(base.url) as personne:
        personne.execute("lock table service_commercial.contrat in share mode")
        with lancer("sync", "--json", base=base, dagster_url=dagster_url, home=tmp_path) as processus:
            # It has written the clients and planned the contracts, and waits to write these.
            attendre(
                lambda: base.lire(
                    "select 1 from crm_sync.synchronisation s, pg_stat_activity a where s.statut = 'en_cours' "
                    "and s.etape = 'écriture' and a.datname = current_database() and a.wait_event_type = 'Lock' "
                    "and a.application_name = 'crm_sync' and a.query like '%%contrat%%' "
                    "and exists (select 1 from crm_sync.lot where etat = 'prevu' and entite = 'contrat')"
                )
            )
            processus.kill()
    assert base.valeur("select count(*) from crm_sync.lot where etat = 'prevu'") == 1
    ids = set(base.lire("select entite, source_id, crm_id from crm_sync.lien_externe"))

    debut = monotonic()
    passer(base, *APRES, sync="suivante")
    assert monotonic() - debut < 20  # a lock that only its heartbeat frees takes 45 seconds
    assert _etat(base) == jumelle
    assert ids <= set(base.lire("select entite, source_id, crm_id from crm_sync.lien_externe"))
    assert base.lire(
        "select s.statut, s.message, d.statut, d.message from crm_sync.demande_sync d "
        "join crm_sync.synchronisation s on s.synchronisation_id = d.run_id"
    ) == [("echouee", INTERROMPUE, "echouee", INTERROMPUE)]


def test_a_check_that_stops_the_line_is_the_outcome_of_the_sync(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    base.lire("insert into crm_sync.demande_sync (demande_par) values ('bouton')")
    vrai = livres.livre

    def faux(bases: Any, entite: str, synchronisation_id: str) -> livres.Livre:
        livre = vrai(bases, entite, synchronisation_id)
        return replace(livre, recus=livre.recus + 1) if entite == "contrats" else livre

    with monkeypatch.context() as erreur:
        erreur.setattr(livres, "livre", faux)
        erreur.setattr(Source, "endpoint", lambda _: lecture(*APRES))
        issue = synchroniser(base.url, erreur)
    assert not issue.reussie
    assert issue.resultat["statut"] == "echouee"
    assert "contrôle" in issue.resultat["message"]
    assert base.lire("select statut, message from crm_sync.demande_sync") == [("echouee", issue.resultat["message"])]
    assert base.lire("select * from crm_sync.repos where mouvement = (select last_value from crm_sync.mouvement)") == []
