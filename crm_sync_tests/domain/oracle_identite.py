"""Who is who once more, slow and obvious: one prospect at a time, everybody against everybody.

Nothing is shared with `crm_sync.domain.identity` and the rooms behind it, save the comparison of two names and the
lists of generic words, which have tests of their own.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import combinations, product
from typing import Any

from crm_sync.domain.generiques import motif_generique, valeur_bouche_trou
from crm_sync.domain.names import (
    Nom,
    accord_par_email,
    memes_noms,
    noms_clairement_differents,
    noms_s_accordent,
)

Ligne = Mapping[str, str | None]
Decision = tuple[str, str, str]
CHAMPS = {"reference": "references", "email": "cle_email", "telephone": "cles_telephone"}
RANGS = ["decision", "lien", "reference", "email", "telephone", "creation"]
ACCORDS = {
    "reference": lambda a, b: not noms_clairement_differents(a, b),
    "email": accord_par_email,
    "telephone": memes_noms,
}


def nom(ligne: Ligne, prefixe: str = "", naissance: str | None = None) -> Nom:
    """The name on a row, fillers left out."""
    mots = [ligne[f"{prefixe}cle_{c}"] for c in ("nom", "prenom")]
    famille, prenom = (None if mot is None or valeur_bouche_trou(mot) else mot for mot in mots)
    return Nom(famille, prenom, date.fromisoformat(naissance) if naissance else None)


def cles(ligne: Ligne, regle: str) -> set[str]:
    """The keys on a row that a rule looks at."""
    return set((ligne[CHAMPS[regle]] or "").split())


class Oracle:
    """One world, and the answers about it."""

    def __init__(
        self,
        prospects: Sequence[Ligne],
        clients: Sequence[Ligne],
        decisions: Sequence[Decision],
        vendeurs: Collection[str],
    ) -> None:
        self.prospects = {str(p["source_id"]): p for p in prospects}
        self.clients = {str(c["crm_id"]): c for c in clients}
        self.memes = [(a, b) for verdict, a, b in decisions if verdict == "meme"]
        self.differents = [(a, b) for verdict, a, b in decisions if verdict == "different"]
        self.vendeurs = vendeurs
        self.liens = {i: str(p["crm_id"]) for i, p in self.prospects.items() if p["crm_id"]}
        self.interdits: set[tuple[str, str]] = set()
        self._rompre()
        self._interdire()
        self.rejets: dict[str, str] = {}
        self.reponses: dict[str, tuple[str, str | None, str]] = {}
        self.orphelins: list[str] = []
        self.voix: list[tuple[str, Ligne, Nom]] = []
        self._placer()
        self._repondre()

    # --- Decisions

    def classe(self, noeud: str) -> frozenset[str]:
        """Everybody who is decided to be this one."""
        classe = {noeud}
        while True:
            plus = {n for paire in self.memes for n in paire if classe & set(paire)}
            if plus <= classe:
                return frozenset(classe)
            classe |= plus

    def distincts(self, x: str, y: str) -> bool:
        """Whether two are decided to be different people, as far as no chain says that they are one."""
        if self.classe(x) == self.classe(y):
            return False
        return any({a, b} == {n, m} for a, b in self.differents for n in self.classe(x) for m in self.classe(y))

    def ordre(self, noeud: str) -> list[str]:
        """The class of a node, those to keep first."""
        classe = self.classe(noeud)
        paires = [(a, b) for a, b in self.memes if a in classe and a != b]
        tetes = sorted(n for n in classe if n not in {b for _, b in paires}) or [min(classe)]
        distances = dict.fromkeys(tetes, 0)
        for tour in range(1, len(classe) + 1):
            for a, b in paires:
                if distances.get(a) == tour - 1:
                    distances.setdefault(b, tour)
        return sorted(classe, key=lambda n: (distances.get(n, len(classe) + 1), n))

    def mene(self, noeud: str, vus: frozenset[str] = frozenset()) -> str | None:
        """The client to whom a node leads."""
        if self.ordre(noeud)[0] in vus:
            return None
        for membre in self.ordre(noeud):
            sorte, qui = membre.split(":")
            if sorte == "client" and qui in self.clients:
                return qui
            if sorte == "prospect" and qui in self.liens:
                trouve = self.mene(f"client:{self.liens[qui]}", vus | {self.ordre(noeud)[0]})
                if trouve:
                    return trouve
        return None

    def _rompre(self) -> None:
        """A decision beats a link."""
        for i, crm_id in list(self.liens.items()):
            if self.distincts(f"prospect:{i}", f"client:{crm_id}"):
                del self.liens[i]
                self.interdits |= {
                    (n.split(":")[1], crm_id) for n in self.classe(f"prospect:{i}") if n.startswith("prospect")
                }
        for a, b in sorted(tuple(sorted((self.ordre(a)[0], self.ordre(b)[0]))) for a, b in self.differents):
            if a != b and self.mene(a) == self.mene(b) is not None:
                _, ouvert, perdant = max(
                    (
                        not any(n.startswith("client") for n in self.classe(x)),
                        all(self._attend(n) for n in self.classe(x) if n.startswith("prospect")),
                        x,
                    )
                    for x in (a, b)
                )
                if ouvert:
                    crm_id = str(self.mene(perdant))
                    for n in self.classe(perdant):
                        if n.startswith("prospect"):
                            self.liens.pop(n.split(":")[1], None)
                            self.interdits.add((n.split(":")[1], crm_id))

    def _attend(self, noeud: str) -> bool:
        i = noeud.split(":")[1]
        return i not in self.prospects or self.prospects[i]["attend"] == "true"

    def _interdire(self) -> None:
        for paire in self.differents:
            for x, y in (paire, paire[::-1]):
                crm_id = self.mene(y)
                if crm_id and self.classe(x) != self.classe(y):
                    self.interdits |= {(n.split(":")[1], crm_id) for n in self.classe(x) if n.startswith("prospect")}

    # --- Links

    def _placer(self) -> None:
        for i, prospect in self.prospects.items():
            noeud, lien = f"prospect:{i}", self.liens.get(i)
            attend = prospect["attend"] == "true"
            if len(self.classe(noeud)) > 1 and self.mene(noeud):
                nomme = any(n.startswith("client") for n in self.classe(noeud))
                regle = "lien" if lien == self.mene(noeud) and not nomme else "decision"
                self._placer_chez(i, regle, str(self.mene(noeud)))
            elif lien:
                crm_id = self.mene(f"client:{lien}")
                if crm_id is None:
                    self.orphelins += [i] * attend
                elif self._reutilise(prospect, {lien, crm_id}):
                    if attend:
                        self.rejets[i] = "identifiant_reutilise"
                else:
                    self._placer_chez(i, "lien" if crm_id == lien else "decision", crm_id)
        naissances: dict[str, set[str]] = {}
        for crm_id, ligne, _ in self.voix:
            if ligne["naissance"]:
                naissances.setdefault(crm_id, set()).add(ligne["naissance"])
        for c, ligne in self.clients.items():
            crm_id = str(self.mene(f"client:{c}"))
            dates = naissances.get(crm_id, set())
            self.voix.append((crm_id, ligne, nom(ligne, naissance=min(dates) if len(dates) == 1 else None)))

    def _placer_chez(self, i: str, regle: str, crm_id: str) -> None:
        prospect = self.prospects[i]
        self.voix.append((crm_id, prospect, nom(prospect, naissance=prospect["naissance"])))
        if prospect["attend"] == "true":
            self.reponses[i] = (regle, crm_id, regle)

    def _reutilise(self, prospect: Ligne, crm_ids: set[str]) -> bool:
        moi, base = nom(prospect, naissance=prospect["naissance"]), nom(prospect, "base_")
        rangees = [self.clients[c] for c in crm_ids if c in self.clients]
        connus = [nom(c) for c in rangees] + ([base] if base.nom or base.prenom else [])
        communes = {
            (regle, cle)
            for regle in CHAMPS
            for cle in cles(prospect, regle)
            if any(cle in cles(c, regle) for c in rangees)
            or (regle != "reference" and cle in (prospect[f"base_{CHAMPS[regle]}"] or "").split())
        }
        return all(noms_clairement_differents(moi, n) for n in connus) and all(
            self.generique(regle, cle) for regle, cle in communes
        )

    # --- Keys

    def generique(self, regle: str, cle: str) -> str | None:
        """Why a key tells nobody apart."""
        motif = motif_generique(cle, self.vendeurs)
        noms = {
            nom(ligne, naissance=ligne.get("naissance"))
            for ligne in [*self.prospects.values(), *self.clients.values()]
            if cle in cles(ligne, regle)
        }
        trois = any(all(noms_clairement_differents(a, b) for a, b in combinations(t, 2)) for t in combinations(noms, 3))
        return motif or ("cle_generique" if trois and regle != "reference" else None)

    def communes(self, a: Ligne, b: Ligne, regle: str) -> set[str]:
        """The keys that two rows share and that tell something."""
        return {cle for cle in cles(a, regle) & cles(b, regle) if not self.generique(regle, cle)}

    # --- Evidence

    def _repondre(self) -> None:
        for i in self.orphelins:
            reponse = self._regles(i, ["reference"])
            if reponse and reponse[1]:
                self.reponses[i] = (*reponse, "reference")
            else:
                self.rejets[i] = "client_supprime"
        self.libres = sorted(
            i
            for i, p in self.prospects.items()
            if p["attend"] == "true" and i not in self.reponses and i not in self.rejets
        )
        self.groupes = self._grouper()
        for i in self.libres:
            reponse = self._regles(i, list(CHAMPS))
            if reponse:
                self.reponses[i] = (*reponse, reponse[0])
        self._unir()
        propres = dict(self.reponses)
        for i in self.libres:
            if i not in propres:
                self._suivre_le_groupe(i, propres)
        self._unir()
        self._separer()

    def acceptes(self, i: str, regle: str) -> set[str]:
        """The clients that a rule accepts for a prospect."""
        moi = self.prospects[i]
        return {
            crm_id
            for crm_id, ligne, son_nom in self.voix
            if self.communes(moi, ligne, regle)
            and ACCORDS[regle](nom(moi, naissance=moi["naissance"]), son_nom)
            and (i, crm_id) not in self.interdits
        }

    def _regles(self, i: str, regles: Sequence[str]) -> tuple[str, str | None] | None:
        return self._premiere(i, {regle: self.acceptes(i, regle) for regle in regles})

    def _premiere(self, i: str, acceptes: Mapping[str, set[str]]) -> tuple[str, str | None] | None:
        for supprime, regle in product((False, True), CHAMPS):
            restants = {c for c in acceptes.get(regle, ()) if (self.clients[c]["supprime"] == "true") == supprime}
            if restants:
                return regle, self._choisir(i, restants)
        return None

    def _choisir(self, i: str, crm_ids: set[str]) -> str | None:
        moi = self.prospects[i]
        noms = {c: {n for crm_id, _, n in self.voix if crm_id == c} for c in crm_ids}
        if len(crm_ids) > 1:
            proches = {c for c in crm_ids if any(noms_s_accordent(nom(moi).nom, n.nom) for n in noms[c])}
            crm_ids = proches or crm_ids
        for a, b in combinations(sorted(crm_ids), 2):
            if not any(_une_personne(x, y) for x in noms[a] for y in noms[b]):
                return None

        def preference(c: str) -> tuple[Any, ...]:
            communes = {
                (r, cle) for v, ligne, _ in self.voix if v == c for r in CHAMPS for cle in self.communes(moi, ligne, r)
            }
            ligne = self.clients[c]
            return -len(communes), -int(ligne["nb_contrats"] or 0), ligne["cree_le"] is None, ligne["cree_le"] or "", c

        return min(crm_ids, key=preference)

    # --- Among themselves

    def _grouper(self) -> dict[str, frozenset[str]]:
        groupes = {}
        for large in self._composantes(self.libres, list(CHAMPS)):
            if not self._etrangers(large):
                groupes |= dict.fromkeys(large, large)
                continue
            for etroit in self._composantes(sorted(large), ["email"]):
                if not self._etrangers(etroit):
                    groupes |= dict.fromkeys(etroit, etroit)
                    continue
                for uni in self._composantes(sorted(etroit), []):
                    groupes |= dict.fromkeys(uni, uni)
        return groupes

    def _composantes(self, qui: Sequence[str], regles: Sequence[str]) -> list[frozenset[str]]:
        ensembles = [{i} for i in qui]
        for a, b in combinations(qui, 2):
            pa, pb = self.prospects[a], self.prospects[b]
            noms = [nom(p, naissance=p["naissance"]) for p in (pa, pb)]
            if self._unis(a, b) or any(self.communes(pa, pb, r) and ACCORDS[r](*noms) for r in regles):
                reunis = [e for e in ensembles if a in e or b in e]
                ensembles = [e for e in ensembles if e not in reunis] + [set().union(*reunis)]
        return [frozenset(e) for e in ensembles]

    def _unis(self, a: str, b: str) -> bool:
        return self.classe(f"prospect:{a}") == self.classe(f"prospect:{b}")

    def _etrangers(self, membres: frozenset[str]) -> bool:
        return any(
            self.distincts(f"prospect:{a}", f"prospect:{b}")
            or (
                not self._unis(a, b)
                and noms_clairement_differents(
                    *(nom(p, naissance=p["naissance"]) for p in map(self.prospects.get, (a, b)))
                )
            )
            for a, b in combinations(membres, 2)
        )

    def _suivre_le_groupe(self, i: str, propres: Mapping[str, tuple[str, str | None, str]]) -> None:
        moi = self.prospects[i]
        acceptes: dict[str, set[str]] = {}
        for autre in self.groupes[i]:
            _, crm_id, force = propres.get(autre, ("", None, ""))
            etranger = any(
                noms_clairement_differents(nom(moi, naissance=moi["naissance"]), n)
                for v, _, n in self.voix
                if v == crm_id
            )
            if crm_id and not etranger and (i, crm_id) not in self.interdits:
                acceptes.setdefault(force, set()).add(crm_id)
        reponse = self._premiere(i, acceptes)
        if reponse:
            self.reponses[i] = (*reponse, reponse[0])

    def _unir(self) -> None:
        for i in self.libres:
            classe = [n.split(":")[1] for n in self.ordre(f"prospect:{i}") if n.startswith("prospect")]
            trouves = [self.reponses[m] for m in classe if self.reponses.get(m, ("", None))[1]]
            if trouves and self.reponses.get(i, ("", None))[1] != trouves[0][1]:
                self.reponses[i] = ("decision", trouves[0][1], trouves[0][2])

    def _separer(self) -> None:
        perdants = set()
        for a, b in product(self.reponses, repeat=2):
            (_, chez_a, force_a), (_, chez_b, force_b) = self.reponses[a], self.reponses[b]
            rangs = RANGS.index(force_a), RANGS.index(force_b)
            if (
                chez_a
                and chez_a == chez_b
                and self.distincts(f"prospect:{a}", f"prospect:{b}")
                and rangs[0] >= rangs[1]
            ):
                perdants |= {(i, chez_a) for i in self.libres if self._unis(i, a)}
        for i, crm_id in perdants:
            if self.reponses.get(i, ("", None))[1] == crm_id:
                self.reponses[i] = ("creation", None, "creation")

    # --- What is told

    def lignes(self) -> dict[str, tuple[str | None, str]]:
        """Source id → (client, rule)."""
        tout = {i: (crm_id, regle if crm_id else "creation") for i, (regle, crm_id, _) in self.reponses.items()}
        return dict.fromkeys(self.libres, (None, "creation")) | tout

    def personnes(self) -> set[frozenset[str]]:
        """The sets of prospects that become one new client each."""
        nouveaux = {i for i, (crm_id, _) in self.lignes().items() if crm_id is None}
        return {groupe & nouveaux for groupe in self.groupes.values()} - {frozenset()}

    def entite(self, i: str) -> str | None:
        """Who a prospect is now."""
        lignes = self.lignes()
        if i in lignes:
            crm_id = lignes[i][0]
            nouveaux = [m for m in self.groupes.get(i, ()) if lignes[m][0] is None]
            return f"client:{crm_id}" if crm_id else f"prospect:{min(nouveaux)}"
        chez = [crm_id for crm_id, ligne, _ in self.voix if ligne.get("source_id") == i]
        return f"client:{chez[0]}" if chez else None

    def doublons(self) -> set[tuple[str, str]]:
        """The pairs that are reported."""
        lignes = [(p, self.entite(i)) for i, p in self.prospects.items()]
        lignes += [(c, f"client:{self.mene(f'client:{i}')}") for i, c in self.clients.items()]
        paires = set()
        for (a, entite_a), (b, entite_b) in product(lignes, repeat=2):
            attendu = a.get("attend") == "true" and entite_a and entite_b and entite_a != entite_b
            if attendu and any(self.communes(a, b, regle) for regle in CHAMPS):
                paires.add(tuple(sorted((str(entite_a), str(entite_b)))))
        decidees = {
            tuple(sorted((self._entite_du_noeud(n), self._entite_du_noeud(m))))
            for a, b in self.differents
            for n in self.classe(a)
            for m in self.classe(b)
        }
        return {p for p in paires - decidees if not self._effacee(p)}

    def _entite_du_noeud(self, noeud: str) -> str:
        sorte, qui = noeud.split(":")
        if sorte == "client":
            return f"client:{self.mene(noeud) or qui}"
        return (qui in self.prospects and self.entite(qui)) or noeud

    def _effacee(self, paire: tuple[str, str]) -> bool:
        clients = [self.clients[e.split(":")[1]]["supprime"] == "true" for e in paire if e.startswith("client")]
        return len(clients) == len(paire) and clients[0] != clients[1]


def _une_personne(a: Nom, b: Nom) -> bool:
    if memes_noms(a, b):
        return True
    return a.nom is not None and (a.nom, a.prenom) == (b.nom, b.prenom) and not noms_clairement_differents(a, b)
