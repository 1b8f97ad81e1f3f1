"""`crm-sync serve --demo` as a person meets it: three users over the reference data, a button that works, nothing left behind."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import psutil
import pytest

from crm_sync_tests.api.test_serveur import serveur

pytestmark = [pytest.mark.longue, pytest.mark.timeout(300)]
Demo = tuple[httpx.Client, "subprocess.Popen[str]", Path]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """One demo on an empty home; a short path, for the socket's sake."""
    home = Path(tempfile.mkdtemp(prefix="cs", dir="/tmp"))
    with serveur(home, "--demo") as (url, processus), httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield client, processus, home
    shutil.rmtree(home, ignore_errors=True)


def _jetons(client: httpx.Client) -> Any:
    return client.get("/demo/jetons").json()


def _lire(client: httpx.Client, adresse: str, jeton: str) -> Any:
    return client.get(adresse, headers={"Authorization": f"Bearer {jeton}"})


def test_each_of_the_three_sees_theirs_and_all_see_the_examples(demo: Demo) -> None:
    client, _, _ = demo
    comptes = _jetons(client)
    exemples = client.get("/demo/exemples").json()
    assert set(comptes) == {"admin", "manager", "commercial"}
    assert set(exemples) == {"client_id", "contrat_id", "commercial_id"}
    assert comptes["commercial"]["commercial_id"] == exemples["commercial_id"]
    nombres = {}
    for role, compte in comptes.items():
        assert set(compte) == {"token", "nom", "utilisateur_id", "commercial_id"}
        moi = _lire(client, "/moi", compte["token"]).json()
        assert (moi["role"], moi["nom"]) == (role, compte["nom"])
        nombres[role] = _lire(client, "/kpi/contrats-par-commercial", compte["token"]).json()["total"]["nb_contrats"]
        for adresse in (
            f"/clients/{exemples['client_id']}",
            f"/contrats/{exemples['contrat_id']}",
            f"/commerciaux/{exemples['commercial_id']}/contrats",
        ):
            assert _lire(client, adresse, compte["token"]).status_code == 200
    assert 0 < nombres["commercial"] < nombres["manager"] < nombres["admin"]


def test_the_button_changes_the_numbers(demo: Demo) -> None:
    client, _, _ = demo
    jeton = _jetons(client)["admin"]["token"]
    avant = _lire(client, "/kpi/contrats-par-commercial", jeton).json()
    demande = client.post("/synchronisations", headers={"Authorization": f"Bearer {jeton}"}).json()
    etapes: dict[str, None] = {}
    limite = monotonic() + 90
    while (suivie := _lire(client, f"/synchronisations/{demande['id']}", jeton).json())["termine_le"] is None:
        assert monotonic() < limite, suivie
        etapes[suivie["etape"]] = None
        sleep(0.05)
    assert suivie["statut"] == "reussie"
    assert suivie["demande_par"] == "Hélène Lefèvre"
    assert {"lecture", "écriture"} & set(etapes)
    apres = _lire(client, "/kpi/contrats-par-commercial", jeton).json()
    assert apres["total"] != avant["total"]


def test_its_pages_run_nothing_inline_and_other_names_do_not_lead_here(demo: Demo) -> None:
    client, _, _ = demo
    politique = client.get("/demo/exemples").headers["content-security-policy"]
    assert "default-src 'none'" in politique
    assert "unsafe" not in politique
    for hote in ("crm.example", "127.0.0.1.crm.example", ""):
        assert client.get("/demo/jetons", headers={"Host": hote}).status_code == 400
    for chemin in ("/elements/../settings.py", "/elements/%2e%2e/settings.py", "/demo//etc/passwd", "/elements/x.py"):
        assert client.get(chemin).status_code == 404


def test_it_ends_within_ten_seconds_and_leaves_nothing(demo: Demo) -> None:
    client, processus, home = demo
    jeton = _jetons(client)["manager"]["token"]
    client.post("/synchronisations", headers={"Authorization": f"Bearer {jeton}"})
    sleep(1)  # in the middle of what it asked for
    debut = monotonic()
    processus.terminate()
    _, erreurs = processus.communicate(timeout=20)
    assert monotonic() - debut < 10
    assert processus.returncode == 0
    assert "Traceback" not in erreurs
    restes = [p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if str(home) in str(p.info["cmdline"])]
    assert restes == []
