"""The page of difficult people, `data/gens_difficiles.md`: every story played through the real chain, one test each."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from msgspec import UNSET

from crm_sync.crm.session import Session
from crm_sync_tests import gens, histoires
from crm_sync_tests.conftest import Base
from crm_sync_tests.histoires import Commercial, Etape, Fiche, Histoire, Iban, LigneCrm, PageIllisibleError, lire_page

pytestmark = pytest.mark.longue

PAGE = (Path(__file__).parents[1] / "data" / "gens_difficiles.md").read_text(encoding="utf-8")
HISTOIRES = lire_page(PAGE)
LISTES = {"prospects", "contrats", "ibans"}
"""Columns that hold several values; the others are one text, empty for null."""

COLONNES = {
    "client": ("service_core.client_base", ("nom", "prenom", "email", "tel")),
    "contrat": ("service_commercial.contrat", ("reference", "statut", "montant", "client", "commercial")),
    "utilisateur": ("service_core.utilisateur", ("nom", "prenom", "email", "tel", "role", "actif")),
    "apporteur": ("service_commercial.apporteur", ("nom", "prenom", "email", "tel", "utilisateur")),
    "iban": ("service_finance.information_paiement_bancaire", ("client", "iban")),
}
NOMS_SQL = {"tel": "telephone", "client": "client_id", "commercial": "commercial_id", "utilisateur": "utilisateur_id"}


@dataclass
class Scene:
    """A database in which a story happens, the ids behind its aliases, and what its last sync did."""

    base: Base
    ids: dict[str, str] = field(default_factory=dict)
    session: Session | None = None
    avant: Sequence[Any] = ()

    def ajouter(self, ligne: LigneCrm) -> None:
        """Insert a row of the CRM; a contract without sales rep is one of the house's."""
        crm_id = str(uuid4())
        if ligne.alias is not None:
            assert ligne.alias not in self.ids, f"alias deux fois : {ligne.alias}"
            self.ids[ligne.alias] = crm_id
        if ligne.table == "contrat" and ligne.commercial is None:
            if "maison" not in self.ids:
                self.ajouter(LigneCrm(table="apporteur", alias="maison", nom="Maison"))
            ligne = msgspec.structs.replace(ligne, commercial="maison")
        table, connues = COLONNES[ligne.table]
        dites = {c for c in ligne.__struct_fields__ if getattr(ligne, c) is not None}
        assert dites <= {*connues, "table", "alias", "cree", "maj"}, f"pas de {ligne.table} avec {dites}"
        valeurs = {c: getattr(ligne, c) for c in connues if c in dites}
        for lien in ("client", "commercial", "utilisateur"):
            if lien in valeurs:
                valeurs[lien] = self.ids[valeurs[lien]] if valeurs[lien] != "personne" else str(uuid4())
        colonnes = ["id", "created_at", "updated_at", *(NOMS_SQL.get(c, c) for c in valeurs)]
        self.base.lire(
            f"insert into {table} ({', '.join(colonnes)}) values ({', '.join(['%s'] * len(colonnes))})",  # noqa: S608
            *(crm_id, f"{ligne.cree} 00:00Z", f"{ligne.maj} 00:00Z", *valeurs.values()),
        )

    def jouer(self, etape: Etape) -> None:
        """Let one thing happen."""
        if etape.envoi is not None:
            self.avant = self.base.empreinte_crm()
            self.session = gens.passer(self.base, *(p for fiche in etape.envoi for p in prospects(fiche)))
        elif etape.ajoute is not None:
            for ligne in etape.ajoute:
                self.ajouter(ligne)
        elif etape.decision is not None:
            a, b = (self._fiche(cote) for cote in (etape.decision.a, etape.decision.b))
            self.base.lire(
                "insert into crm_sync.decision (verdict, a, b, decide_par) values (%s, %s, %s, 'une personne')",
                *(etape.decision.verdict, a, b),
            )
        elif etape.heures is not None:
            self.base.lire("update crm_sync.absence set depuis = depuis - make_interval(hours => %s)", etape.heures)
            self.base.lire("update crm_sync.reponse set recue_le = recue_le - make_interval(hours => %s)", etape.heures)
        else:
            self._retoucher(etape)

    def _retoucher(self, etape: Etape) -> None:
        """Edit or delete one client or contract, as somebody at the CRM's screen does."""
        if etape.client is not None:
            ou, valeur = "service_core.client_base where id = %s", self._client(etape.client)
        else:
            ou, valeur = "service_commercial.contrat where reference = %s", str(etape.contrat)
        assert self.base.valeur(f"select count(*) from {ou}", valeur) == 1  # noqa: S608
        if etape.crm == "supprime":
            self.base.lire(f"delete from {ou}", valeur)  # noqa: S608
            return
        valeurs: dict[str, Any] = {
            NOMS_SQL.get(c, c): getattr(etape, c)
            for c in ("nom", "prenom", "email", "tel", "montant", "statut")
            if getattr(etape, c) is not None
        }
        if etape.vers is not None:
            valeurs["client_id"] = self._client(etape.vers)
        assert valeurs, "une retouche qui ne change rien"
        table, condition = ou.split(" ", 1)
        affectations = ", ".join(f"{c} = %s" for c in valeurs)
        self.base.lire(
            f"update {table} set {affectations}, updated_at = coalesce(%s::timestamptz, now()) {condition}",  # noqa: S608
            *(*valeurs.values(), etape.le and instant(etape.le), valeur),
        )

    def _client(self, qui: str) -> str:
        if not qui.startswith("prospect:"):
            return self.ids[qui]
        requete = "select crm_id from crm_sync.lien where entite = 'client' and source_id = %s"
        return str(self.base.valeur(requete, qui.removeprefix("prospect:")))

    def _fiche(self, qui: str) -> str:
        genre, nom = qui.split(":")
        return qui if genre == "prospect" else f"client:{self.ids[nom]}"


def instant(jour: str) -> str:
    """Write a day, or a day with its hour, as the source does."""
    return jour if "T" in jour else f"{jour}T00:00:00.000Z"


def prospects(fiche: Fiche) -> list[dict[str, Any]]:
    """Give the prospects that a line of an answer stands for."""
    return [_prospect(fiche, numero) for numero in range(fiche.id, fiche.id + fiche.repete)]


def _prospect(fiche: Fiche, numero: int) -> dict[str, Any]:
    textes = {c: getattr(fiche, c) for c in ("nom", "prenom", "email")}
    if fiche.repete > 1:
        textes = {c: texte and texte.replace("{n}", str(numero)) for c, texte in textes.items()}
    ibans = [fiche.iban] if isinstance(fiche.iban, str) else fiche.iban
    return gens.prospect(
        numero,
        *(_contrat(contrat) for contrat in fiche.contrats or [f"C{numero}"]),
        **textes,
        telephone=fiche.tel,
        dateNaissance=fiche.naissance and instant(fiche.naissance),
        commercial=_commercial(fiche.commercial),
        informationsPaiement=[
            {"id": i.id, "IBAN": i.iban} if isinstance(i, Iban) else {"IBAN": i, "BIC": gens.BIC} for i in ibans
        ],
        **({"updatedAt": instant(fiche.maj)} if fiche.maj else {}),
    )


def _contrat(dit: str | histoires.Contrat) -> dict[str, Any]:
    if isinstance(dit, str):
        return gens.contrat(dit)
    return gens.contrat(
        dit.ref,
        statut=dit.statut or None,
        montant=dit.montant,
        dateSignature=instant(dit.signature) if dit.signature else None,
        **({"updatedAt": instant(dit.maj)} if dit.maj else {}),
    )


def _commercial(dit: str | Commercial | None) -> dict[str, Any] | None:
    if dit is None or isinstance(dit, str):
        return None if dit is None else gens.commercial(dit)
    return {"id": dit.id, "nom": dit.nom, "prenom": dit.prenom, "email": dit.email, "telephone": dit.tel}


def _clients(base: Base) -> list[dict[str, Any]]:
    return [
        {
            "qui": f"{prenom or ''} {nom}".strip(),
            "prospects": sorted(int(p) for p in liens),
            "email": email or "",
            "tel": telephone or "",
            "contrats": references,
            "ibans": ibans,
        }
        for nom, prenom, email, telephone, liens, references, ibans in base.lire(
            "select nom, prenom, email, telephone, "
            "array(select source_id from crm_sync.lien where entite = 'client' and crm_id = c.id::text), "
            "array(select reference from service_commercial.contrat where client_id = c.id order by 1), "
            "array(select iban from service_finance.information_paiement_bancaire where client_id = c.id order by 1) "
            "from service_core.client_base as c"
        )
    ]


def _contrats(base: Base) -> list[dict[str, Any]]:
    noms = ("ref", "client", "commercial", "vendu_par", "statut", "statut_source", "montant")
    return [
        dict(zip(noms, (valeur or "" for valeur in ligne), strict=True))
        for ligne in base.lire(
            "select k.reference, trim(concat_ws(' ', c.prenom, c.nom)), a.nom, v.nom, k.statut, k.statut_source, "
            "k.montant::text from service_commercial.contrat as k "
            "left join service_core.client_base as c on c.id = k.client_id "
            "join service_commercial.apporteur as a on a.id = k.commercial_id "
            "left join crm_sync.contrat_vente as vente on vente.contrat_id = k.id::text "
            "left join service_commercial.apporteur as v on v.id::text = vente.commercial_id"
        )
    ]


def _commerciaux(base: Base) -> list[dict[str, Any]]:
    return [
        {"qui": qui, "email": email or "", "role": role or "", "actif": bool(actif)}
        for qui, email, role, actif in base.lire(
            "select trim(concat_ws(' ', a.prenom, a.nom)), a.email, u.role, u.actif "
            "from service_commercial.apporteur as a left join service_core.utilisateur as u on u.id = a.utilisateur_id "
            "where a.nom is distinct from 'Non attribué'"
        )
    ]


def _absents(base: Base, lesquels: str) -> list[int]:
    """Give the prospects that are marked *disparu*, or were and came back."""
    return sorted(
        int(source_id)
        for (source_id,) in base.lire(
            "select source_id from crm_sync.absence "  # noqa: S608
            f"where entite = 'client' and disparu_le is not null and revenu_le is {lesquels}"
        )
    )


def comparer(attendues: Sequence[msgspec.Struct], reelles: list[dict[str, Any]]) -> None:
    """Compare all lines, whatever their order, in every column that one of the expected ones names."""
    lignes = [{c: v for c, v in msgspec.structs.asdict(a).items() if v is not UNSET} for a in attendues]
    colonnes = sorted({c for ligne in lignes for c in ligne} - {"repete"})
    voulues: list[dict[str, Any]] = []
    for ligne in lignes:
        for rang in range(ligne.get("repete", 1)):
            voulue = {c: ligne.get(c, [] if c in LISTES else "") for c in colonnes}
            if ligne.get("repete", 1) > 1:
                numero = ligne["prospects"][0] + rang
                voulue |= {"prospects": [numero], "qui": ligne["qui"].replace("{n}", str(numero))}
            voulues.append({c: sorted(v) if c in LISTES else v for c, v in voulue.items()})
    vues = [{c: ligne[c] for c in colonnes} for ligne in reelles]
    assert sorted(vues, key=json.dumps) == sorted(voulues, key=json.dumps)


@pytest.mark.parametrize("histoire", HISTOIRES, ids=lambda h: f"{h.numero}. {h.titre}")
def test_the_story_ends_as_the_page_says(base: Base, histoire: Histoire) -> None:
    scene = Scene(base)
    for ligne in histoire.crm:
        scene.ajouter(ligne)
    for etape in histoire.etape:
        scene.jouer(etape)

    attendu = histoire.attendu
    comparer(attendu.clients, _clients(base))
    if attendu.contrats is not None:
        comparer(attendu.contrats, _contrats(base))
    if attendu.commerciaux is not None:
        comparer(attendu.commerciaux, _commerciaux(base))
    assert sorted(gens.rejets(base, "entite, motif")) == sorted(attendu.mis_de_cote)
    if attendu.doublons is not None:
        assert base.valeur("select count(*) from crm_sync.doublon_possible where ferme_le is null") == attendu.doublons
    if attendu.conflits is not None:
        assert scene.session is not None
        assert gens.comptes(base, scene.session)["conflits"] == attendu.conflits
    if attendu.disparus is not None:
        assert _absents(base, "null") == sorted(attendu.disparus)
    if attendu.revenus is not None:
        assert _absents(base, "not null") == sorted(attendu.revenus)
    if attendu.inchange is not None:
        assert (base.empreinte_crm() == scene.avant) is attendu.inchange


@pytest.mark.parametrize(
    ("cherche", "remplace"),
    [
        (r"\*\*Pourquoi\u00a0:\*\*", "Pourquoi :"),
        (r"```toml", "```"),
        (r"clients = ", "client = "),
        (r"envoi = ", "envois = "),
        (r"id = 1,", "id = 1, surnom = 'Nono',"),
        (r"^## 2\. ", "## deux. "),
        (r"^## 2\. ", "## 3. "),
        (r"^## 40\. .*\Z", ""),
    ],
    ids=["no reason", "no TOML", "unknown expectation", "unknown step", "unknown key", "no number", "gap", "cut short"],
)
def test_a_page_that_cannot_be_played_is_refused(cherche: str, remplace: str) -> None:
    abimee, fois = re.subn(cherche, remplace, PAGE, count=1, flags=re.MULTILINE | re.DOTALL)
    assert fois == 1
    with pytest.raises(PageIllisibleError):
        lire_page(abimee)
