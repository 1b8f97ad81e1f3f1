"""One story through real processes: sync, decide, explain, take back; the exit codes and the documents of the contract."""

import json
from pathlib import Path
from typing import Any

import pytest

from crm_sync.embedded import ServeurEmbarque
from crm_sync_tests.commande import crm_sync, stockage_de_dagster
from crm_sync_tests.conftest import Base, SourceEssai
from crm_sync_tests.gens import prospect

pytestmark = pytest.mark.longue


def test_from_a_sync_to_its_undo(base: Base, source: SourceEssai, postgres: ServeurEmbarque, tmp_path: Path) -> None:
    dagster_url = stockage_de_dagster(postgres)

    def lancer(*arguments: str, code: int = 0) -> str:
        fini = crm_sync(*arguments, base=base, dagster_url=dagster_url, home=tmp_path, EXTERNAL_API_URL=source.url)
        assert fini.returncode == code, fini.stderr
        assert "Traceback" not in fini.stderr
        return fini.stdout

    def document(*arguments: str) -> Any:
        return json.loads(lancer(*arguments, "--json"))

    base.lire("insert into service_core.client_base (nom, prenom, telephone) values ('Autre', 'Tout', '0199000009')")
    source.donner([prospect(1, telephone="0199000009")])
    fait = lancer("sync")
    assert "1 doublon possible" in fait
    assert "« crm-sync duplicates »" in fait
    run = document("journal", "--limite", "1")["journal"][0]["synchronisation_id"]
    assert "contrat:R1 : création" in lancer("journal", "--run", run)
    assert "valeur reçue à la création" in lancer("why", "contrat:R1")
    assert "la ligne créée est retirée" in lancer("undo", run, "--plan")
    assert document("undo", run)["garde"] == []
    assert base.valeur("select count(*) from service_commercial.contrat") == 0
    lancer("undo", "inconnue", code=2)
