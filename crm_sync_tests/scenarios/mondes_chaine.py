"""Invented worlds for the laws of the whole chain: many small households in one CRM, so that one sync meets all rules.

A household is two to four prospects whose names, e-mails, phones, references, IBANs and sales reps come from a pool so small
that the rules collide, and what the CRM had of them before. Households share sales reps, the shop's phone, and nothing else:
what goes wrong in one names it (`F<rank>`). Drawn by seed, for drawing each value by itself would take most of a test's time.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from schwifty import IBAN

from crm_sync_tests.conftest import Base
from crm_sync_tests.gens import BIC, commercial, contrat

Noeud = dict[str, Any]

FAMILLES = ("Moreau", "Moreau", "Moreau", "Moreau-Roux", "Roux", "Durand")
PRENOMS = ("Inès", "Inès", "Ines", "Paul", "Paul", "Isabelle", "Isabele", "I.", None)
HIER, AUJOURD_HUI, DEMAIN = "2026-02-{:02d}", "2026-04-{:02d}", "2026-06-{:02d}"
CRM_MODIFIES = ("2026-01-15", "2026-03-15", "2026-05-15")
BOUTIQUE = "0645679999"
VENDEURS: tuple[Noeud | None, ...] = (
    commercial("Martin", telephone="0645679901"),
    commercial("Martin", telephone="0645679901"),
    commercial("Petit"),
    commercial("Roy"),
    commercial("Muet", email=None),
    None,
)
CHEF = {"id": "00000000-0000-4000-9000-000000000001", "email": "roy@ventes.example", "role": "manager", "nom": "Roy"}


@dataclass(frozen=True)
class Monde:
    """What the CRM had before, by table, and two answers of the source, the later one second."""

    crm: Sequence[tuple[str, Mapping[str, Any]]]
    premiere: Sequence[Noeud]
    seconde: Sequence[Noeud]


def iban(rang: int, numero: int) -> str:
    return str(IBAN.generate("DE", bank_code="37040044", account_code=f"{rang:05d}{numero:05d}"))


def instant(jour: str, heure: int) -> str:
    return f"{jour.format(heure % 27 + 1)}T{heure % 24:02d}:00:00.000Z"


class Foyer:
    """One household: `crm` before, and `membres` as the source has them; `evoluer` gives them a later version."""

    def __init__(self, rang: int, graine: int, *, datee: bool, sain: bool) -> None:
        self.rang, self.hasard, self.datee, self.sain = rang, Random(graine), datee, sain
        self.crm: list[tuple[str, Mapping[str, Any]]] = []
        for numero in range(self.hasard.choice((0, 0, 1, 1, 2))):
            self._ligne_crm(numero)
        self.membres = [self._prospect(numero) for numero in range(self.hasard.choice((2, 2, 3, 4)))]
        if not sain and self.hasard.random() < 0.1:
            double = deepcopy(self.membres[0])
            self.membres.append(double if self.hasard.random() < 0.5 else {**double, "prenom": "Deux"})

    def un(self, *choix: Any) -> Any:
        return self.hasard.choice(choix)

    def _email(self) -> str | None:
        return self.un(
            f"foyer{self.rang}@x.example.org",
            f"foyer{self.rang}@x.example.org",
            f"Foyer{self.rang}@X.example.org ",
            f"soi{self.rang}@x.example.org",
            "contact@x.example.org",
            None,
        )

    def _telephone(self) -> str | None:
        numero = f"{self.rang:02d}{self.hasard.choice((1, 1, 1, 2)):02d}"
        return self.un(
            f"064567{numero}", f"064567{numero}", f"+3364567{numero}", BOUTIQUE, VENDEURS[0]["telephone"], None
        )  # type: ignore[index]

    def _reference(self) -> str:
        numero = self.hasard.choice((1, 2, 3, 4, 5, 6))
        return self.un(f"F{self.rang}-{numero}", f"F{self.rang}-{numero}", f"f{self.rang}-{numero} ")  # type: ignore[no-any-return]

    def _heure(self, jour: str) -> dict[str, str]:
        if not self.datee and self.hasard.random() < 0.4:
            return {}
        return {"updatedAt": instant(jour, self.hasard.randrange(600))}

    def _contrat(self, jour: str) -> Noeud:
        noeud = contrat(
            self._reference(),
            montant=self.un("29.9", "29.90", "35", None),
            statut=self.un("Validé", "signé", "en attente", "Résilié", "farfelu", None),
            description=self.un(None, "fibre"),
            dateSignature=self.un("2025-01-15T10:00:00.000Z", None),
            **self._heure(jour),
        )
        if not self.sain:
            noeud |= self.un({}, {}, {}, {}, {}, {}, {"titre": None}, {"montant": "abc"}, {"dateSignature": "hier"})
        return noeud

    def _paiement(self, jour: str) -> Noeud:
        noeud = {"IBAN": iban(self.rang, self.un(1, 1, 2, 3)), "BIC": self.un(BIC, None), **self._heure(jour)}
        if self.hasard.random() < 0.5:
            noeud["id"] = f"b{self.rang}-{self.hasard.randrange(3)}"
        if not self.sain:
            noeud |= self.un({}, {}, {}, {}, {"IBAN": "FR00"}, {"IBAN": None}, {"BIC": "?"})
        return noeud

    def _vendeur(self, jour: str) -> Noeud | None:
        vendeur: Noeud | None = deepcopy(self.hasard.choice(VENDEURS))
        return vendeur and {**vendeur, "updatedAt": instant(jour, 1)}

    def _prospect(self, numero: int, jour: str = HIER) -> Noeud:
        return {
            "idProspect": self.rang * 10 + numero,
            "nom": self.un(*FAMILLES, *((None,) if not self.sain else ())),
            "prenom": self.un(*PRENOMS),
            "email": self._email(),
            "telephone": self._telephone(),
            "dateNaissance": self.un(None, None, None, None, "1984-05-12", "1955-01-01"),
            "commercial": self._vendeur(jour),
            "Souscription": [
                {"offre": {"nom": "Fibre"}, "contrats": [self._contrat(jour) for _ in range(self.un(1, 1, 2))]}
            ],
            "informationsPaiement": [self._paiement(jour) for _ in range(self.un(0, 1, 1, 2))],
            "identityCard": self.un(None, {"n": 1}),
            **self._heure(jour),
        }

    def _ligne_crm(self, numero: int) -> None:
        def qui(sorte: int) -> str:
            return f"00000000-0000-4000-8{sorte:03d}-{self.rang:06d}{numero:06d}"

        le = {"created_at": "2025-01-01", "updated_at": self.un(*CRM_MODIFIES)}
        personne = {"nom": self.un(*FAMILLES), "prenom": self.un(*PRENOMS), "email": self._email()}
        self.crm.append(("service_core.client_base", {"id": qui(0), **personne, "telephone": self._telephone(), **le}))
        if self.hasard.random() < 0.4:
            vendeur = {"id": qui(1), "nom": "Ancien", **le}
            tenu = {"reference": f"F{self.rang}-{numero + 1}", "montant": self.un(None, "12.5"), "statut": "ACTIF"}
            tenant = self.un(qui(0), qui(0), qui(0), qui(9))  # qui(9) leads nowhere
            self.crm.append(("service_commercial.apporteur", vendeur))
            self.crm.append(
                (
                    "service_commercial.contrat",
                    {"id": qui(2), **tenu, "client_id": tenant, "commercial_id": qui(1), **le},
                )
            )
        if self.hasard.random() < 0.4:
            banque = {"id": qui(3), "client_id": qui(0), "iban": iban(self.rang, 1), "bic": None, **le}
            self.crm.append(("service_finance.information_paiement_bancaire", banque))

    # --- A later version

    def evoluer(self, jour: str) -> list[Noeud]:
        membres = deepcopy(self.membres)
        for membre in list(membres):
            geste = self.un(*(self._rester,) * 4, *GESTES)
            geste(self, membres, membre, jour)
        if self.hasard.random() < 0.2:
            membres.append(self._prospect(9, jour))
        return membres

    def _rester(self, *_: Any) -> None: ...

    def _change(self, noeud: Noeud, jour: str, **valeurs: Any) -> None:
        noeud |= valeurs
        noeud.pop("updatedAt", None)
        noeud |= self._heure(jour)


def _personne(foyer: Foyer, _membres: list[Noeud], membre: Noeud, jour: str) -> None:
    champ, valeur = foyer.un(
        ("nom", foyer.un(*FAMILLES)),
        ("prenom", foyer.un(*PRENOMS)),
        ("email", foyer._email()),
        ("telephone", foyer._telephone()),
        ("identityCard", {"n": 2}),
    )
    foyer._change(membre, jour, **{champ: valeur})


def _vendeur(foyer: Foyer, _membres: list[Noeud], membre: Noeud, jour: str) -> None:
    foyer._change(membre, jour, commercial=foyer._vendeur(jour))


def _contrats(membre: Noeud) -> list[Noeud]:
    contrats: list[Noeud] = membre["Souscription"][0]["contrats"]
    return contrats


def _contrat_change(foyer: Foyer, _membres: list[Noeud], membre: Noeud, jour: str) -> None:
    for noeud in _contrats(membre)[:1]:
        foyer._change(noeud, jour, montant=foyer.un("40", "41.5"), statut=foyer.un("Validé", "Résilié"))


def _contrat_en_plus(foyer: Foyer, _membres: list[Noeud], membre: Noeud, jour: str) -> None:
    _contrats(membre).append(foyer._contrat(jour))


def _contrat_en_moins(_foyer: Foyer, _membres: list[Noeud], membre: Noeud, _jour: str) -> None:
    del _contrats(membre)[:1]


def _contrat_ailleurs(foyer: Foyer, membres: list[Noeud], membre: Noeud, jour: str) -> None:
    for noeud in _contrats(membre)[:1]:
        foyer._change(noeud, jour)
        _contrats(membre).remove(noeud)
        _contrats(foyer.un(*membres)).append(noeud)


def _banque(foyer: Foyer, _membres: list[Noeud], membre: Noeud, jour: str) -> None:
    for noeud in membre["informationsPaiement"][:1]:
        foyer._change(noeud, jour, IBAN=iban(foyer.rang, foyer.un(1, 2, 3, 4)), BIC=BIC)


def _partir(_foyer: Foyer, membres: list[Noeud], membre: Noeud, _jour: str) -> None:
    membres.remove(membre)


GESTES = (
    _personne,
    _personne,
    _vendeur,
    _contrat_change,
    _contrat_en_plus,
    _contrat_en_moins,
    _contrat_ailleurs,
    _banque,
    _partir,
)


def monde(graine: int, *, foyers: int, datee: bool, sain: bool = False) -> Monde:
    """Invent a world of so many households; `datee`: every node has an updatedAt, `sain`: every node can be used."""
    graines = Random(graine)
    tous = [Foyer(rang, graines.getrandbits(40), datee=datee, sain=sain) for rang in range(1, foyers + 1)]
    chef = ("service_core.utilisateur", CHEF)
    return Monde(
        [chef, *(ligne for foyer in tous for ligne in foyer.crm)],
        [membre for foyer in tous for membre in foyer.membres],
        [membre for foyer in tous for membre in foyer.evoluer(AUJOURD_HUI)],
    )


def melanger(prospects: Sequence[Noeud], graine: int) -> list[Noeud]:
    """Give the same answer in another order, at every level; copies of one prospect stay copies."""

    def autrement(valeur: Any, hasard: Random) -> Any:
        if isinstance(valeur, dict):
            return {cle: autrement(valeur[cle], hasard) for cle in hasard.sample(list(valeur), len(valeur))}
        if isinstance(valeur, list):
            return hasard.sample([autrement(v, hasard) for v in valeur], len(valeur))
        return valeur

    melanges = [autrement(p, Random(f"{graine}/{p['idProspect']}")) for p in prospects]
    return Random(graine).sample(melanges, len(melanges))


def peupler(base: Base, lignes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Put rows into the CRM that were there before."""
    with psycopg.connect(base.url) as connexion:
        for table, valeurs in lignes:
            connexion.execute(
                f"insert into {table} ({', '.join(valeurs)}) values ({', '.join(['%s'] * len(valeurs))})",  # noqa: S608
                [Jsonb(v) if isinstance(v, dict) else v for v in valeurs.values()],
            )
