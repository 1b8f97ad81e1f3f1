"""The same numbers in the API, in `crm_sync.kpi_pour`, in `crm-sync kpi` and by hand, after each of twenty random syncs."""

import json
import signal
import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from crm_sync import cli
from crm_sync_tests.api.service import Appelant, service
from crm_sync_tests.api.vie import ROLES, lignes_en_sql, vingt_synchros
from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import une_base

COMPTES = ("nb_contrats", "nb_valides", "nb_vendus", "montant_total", "montant_vendu", "rang")


def _a_la_main(base: Base, utilisateur_id: str, role: str | None) -> dict[str, tuple[int, Decimal]]:
    """Add up what a viewer may see, contract by contract."""
    superieurs = dict(base.lire("select id::text, manager_id::text from service_core.utilisateur"))
    membres = {utilisateur_id}
    if role == "manager":
        for autre, superieur in superieurs.items():
            vus, un = set(), superieur
            while un is not None and un not in vus:
                vus.add(un)
                un = superieurs[un]
            if utilisateur_id in vus:
                membres.add(autre)
    sommes: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for vendeur, de in base.lire("select id::text, utilisateur_id::text from service_commercial.apporteur"):
        if role == "admin" or (role and de in membres):
            sommes[vendeur] = (0, Decimal(0))
    for vendeur, montant in base.lire("select commercial_id::text, montant from service_commercial.contrat"):
        if vendeur in sommes:
            nombre, somme = sommes[vendeur]
            sommes[vendeur] = (nombre + 1, somme + (montant or 0))
    return dict(sommes)


def _ligne_de_commande(capfd: Any, monkeypatch: pytest.MonkeyPatch, utilisateur_id: str) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "argv", ["crm-sync", "kpi", "--json", "--pour", utilisateur_id])
    capfd.readouterr()
    avant = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit):
        cli.main()
    signal.signal(signal.SIGTERM, avant)
    lignes: list[dict[str, Any]] = json.loads(capfd.readouterr().out).get("lignes", [])
    return lignes


def _chiffres(lignes: list[dict[str, Any]]) -> dict[str, tuple[Decimal, ...]]:
    return {ligne["commercial_id"]: tuple(Decimal(str(ligne[compte])) for compte in COMPTES) for ligne in lignes}


def _api(api: Appelant, utilisateur_id: str) -> list[dict[str, Any]]:
    kpi = api.lire("/kpi/contrats-par-commercial", utilisateur_id)
    if isinstance(kpi, int):
        return []
    lignes: list[dict[str, Any]] = kpi["lignes"]
    assert Decimal(kpi["total"]["montant_total"]) == sum(Decimal(ligne["montant_total"]) for ligne in lignes)
    return lignes


def _verifier(
    base: Base, api: Appelant, capfd: Any, monkeypatch: pytest.MonkeyPatch, roles: dict[str, str | None]
) -> None:
    for utilisateur_id, role in roles.items():
        par_api = _chiffres(_api(api, utilisateur_id))
        assert par_api == _chiffres(lignes_en_sql(base, utilisateur_id))
        attendus = _a_la_main(base, utilisateur_id, role)
        assert {cle: (chiffres[0], chiffres[3]) for cle, chiffres in par_api.items()} == attendus
    for un_role in (*ROLES, None):
        un = next((u for u, role in roles.items() if role == un_role), None)
        if un is not None:
            assert _chiffres(_ligne_de_commande(capfd, monkeypatch, un)) == _chiffres(_api(api, un))


@pytest.mark.longue
@pytest.mark.timeout(300)
def test_each_viewer_reads_the_same_numbers_everywhere_after_each_of_twenty_syncs(
    base: Base, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_DATABASE_URL", base.url)
    vus = set()
    with service(une_base(base.url)) as api:
        for roles in vingt_synchros(base):
            vus |= set(roles.values())
            _verifier(base, api, capfd, monkeypatch, roles)
    assert vus == {*ROLES, None}
