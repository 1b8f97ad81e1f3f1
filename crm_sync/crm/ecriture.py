"""One entity's way into the CRM: what waits → decide → snapshot → plan → apply → settle, the same for every entity.

The only caller of `apply`. A refused row (changed or made by somebody since the snapshot) is decided again with a fresh
look; what is put aside is stated as rejects of the stage, and tried again at every sync because it still waits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from crm_sync.crm import apply, catalogue, journal, retires, snapshot
from crm_sync.crm.adaptation import adapter, debordements
from crm_sync.crm.connexion import Bases
from crm_sync.crm.copie import lire
from crm_sync.crm.rejets import RejetDuMoment, constater
from crm_sync.domain.flatten import empreinte
from crm_sync.domain.lots import a_la_suite, avec, certain, dans, la_ou, retenir
from crm_sync.domain.plan import dresser, uuids
from crm_sync.domain.types import CHAMPS

if TYPE_CHECKING:
    import pyarrow as pa

Ecarte = tuple[str, str | None, Any, str]
"""A node put aside: source id, id of its prospect (None for a sales rep), received nodes behind it, motif."""

TOURS = 3
"""How often a row that changes under our hands is decided again in one sync."""


@dataclass(frozen=True, slots=True)
class Contexte:
    """What a stage needs to know of the sync it is part of.

    `a_blanc`: everything is decided and nothing written in the CRM; `prevues` are then the rows that would be there, by
    entity.
    """

    bases: Bases
    synchronisation_id: str
    encore_titulaire: Callable[[], None]
    a_blanc: bool = False
    prevues: dict[str, set[str]] = field(default_factory=dict)

    def existantes(self, entite: str, crm_ids: Iterable[str]) -> set[str]:
        """Tell which of these rows the CRM has, or would have."""
        return snapshot.existantes(self.bases, entite, set(crm_ids)) | self.prevues.get(entite, set())

    def ids(self, entite: str) -> Callable[[int], Sequence[str]]:
        """Give who makes ids for new rows: UUIDs, or numbers reserved from the table's sequence; placeholders in a dry run."""
        if self.bases.crm[entite].type_id == "uuid":
            return uuids
        if self.a_blanc:
            premier = 1 + len(self.prevues.get(entite, ()))
            return lambda nombre: [str(-numero) for numero in range(premier, premier + nombre)]
        return lambda nombre: catalogue.reserver_ids(self.bases, entite, nombre)


@dataclass(frozen=True, slots=True)
class Ecriture:
    """What became of the decisions, as sets of source ids.

    `refuses` are to be decided again, of `supprimees` a person has deleted the CRM row, of `retirees` marked it as deleted;
    `impossibles` are those of `refuses` whose row the CRM would not have made; `intenables` lack what it demands, or have a
    value that it cannot hold (source id → motif); `conflits` counts the fields that both sides had changed.
    """

    refuses: frozenset[str]
    supprimees: frozenset[str]
    conflits: int
    retirees: frozenset[str] = frozenset()
    impossibles: frozenset[str] = frozenset()
    intenables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bilan:
    """What a stage did beyond the books.

    Fields that both sides had changed, nodes put aside, rows left for the next sync because somebody kept changing them,
    pairs reported as possible duplicates, nodes that still wait, nodes older than what was applied, and what ops should know.
    """

    conflits: int = 0
    mis_de_cote: int = 0
    a_reprendre: int = 0
    doublons: int = 0
    attendent: int = 0
    anciennes: int = 0
    avertissements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisions:
    """The outcome of a decider: `lignes` to write (see `domain.plan.dresser`), and a motif per source id put aside.

    `apercu` says of a snapshot which of its values count as none; `ensuite`: see `apply`.
    """

    lignes: "pa.RecordBatch"
    rejets: Mapping[str, str]
    doublons: int = 0
    avertissements: tuple[str, ...] = ()
    ensuite: apply.Ensuite = lambda _connexion, _refuses: None
    apercu: "Callable[[pa.RecordBatch], pa.RecordBatch]" = lambda instantane: instantane


@dataclass(frozen=True, slots=True)
class Etape:
    """One entity's stage: its view (`rapprochement_<entite>`) and who decides.

    `recus` names the entity as the source's side calls it (the asset's name), `fichier` its rejects, `chemin` where its nodes
    stand, `avec` other entities that the decider writes on the way, `preparer` what comes before anything is read, `signaler`
    what is reported although nothing of it waits, `regarder` the statement of `rapprochement.sql` that says what waits and what
    is put aside undecided.
    """

    entite: str
    recus: str
    fichier: str
    chemin: str
    decider: "Callable[[Contexte, pa.RecordBatch], Decisions]"
    avec: tuple[str, ...] = ()
    preparer: Callable[[Contexte], None] = lambda _contexte: None
    signaler: Callable[[Contexte], list[Ecarte]] = lambda _contexte: []
    regarder: str = "a_regarder_rattaches"

    def synchroniser(self, contexte: Contexte) -> Bilan:
        """Bring the CRM to what the source says of this entity; a second call writes nothing.

        Raises:
            WriteError, DatabaseUnavailableError: see `crm.apply`; what is written stays, the rest waits.
        """
        from pyarrow import compute as pc

        bases = contexte.bases
        for entite in (*self.avec, self.entite):
            journal.reprendre(bases, entite)
        self.preparer(contexte)
        connexion = bases.connexion("sync")
        conflits = doublons = anciennes = 0
        indecis: list[Ecarte] = []
        ecartes: list[Ecarte] = []
        avertissements: tuple[str, ...] = ()
        refuses: frozenset[str] = frozenset()
        impossibles: frozenset[str] = frozenset()
        for _ in range(TOURS):
            vues = lire(connexion, snapshot.de_la_vue(self.regarder, self.entite))
            attend, ecarte = pc.equal(vues["attend"], "t"), vues["ecarte"]
            attente = retenir(vues.drop_columns("ecarte"), attend)
            anciennes = pc.sum(pc.and_not(pc.equal(vues["ancienne"], "t"), attend)).as_py() or 0
            indecis = _ecarter(retenir(vues, ecarte.is_valid()), ecarte.drop_null().to_pylist())
            if not attente.num_rows:
                break
            decisions = self.decider(contexte, attente)
            ecriture = ecrire(
                contexte, self.entite, decisions.lignes, ensuite=decisions.ensuite, apercu=decisions.apercu
            )
            conflits += ecriture.conflits
            doublons = max(doublons, decisions.doublons)
            avertissements = decisions.avertissements or avertissements
            refuses = ecriture.refuses | {qui for qui, motif in decisions.rejets.items() if motif == "ligne_modifiee"}
            impossibles = ecriture.impossibles
            motifs = {
                **decisions.rejets,
                **dict.fromkeys(ecriture.supprimees, "ligne_supprimee"),
                **dict.fromkeys(ecriture.retirees, retires.MOTIF),
                **dict.fromkeys(refuses, "ligne_modifiee"),
                **dict.fromkeys(impossibles, "unicite_du_crm"),
                **ecriture.intenables,
            }
            rejetes = retenir(attente, dans(attente["source_id"], motifs))
            ecartes = _ecarter(rejetes, [motifs[source_id] for source_id in rejetes["source_id"].to_pylist()])
            if not refuses:
                break
        a_dire = self.signaler(contexte)
        with connexion.transaction():
            mis_de_cote = constater(
                connexion, self.fichier, [self._rejet(e) for e in (*ecartes, *indecis, *a_dire)], None
            )
        return Bilan(
            conflits, mis_de_cote, len(refuses - impossibles), doublons, len(ecartes), anciennes, avertissements
        )

    def _rejet(self, ecarte: Ecarte) -> RejetDuMoment:
        """Turn a node put aside into a reject; a source id may hold an IBAN, so only its fingerprint is kept."""
        source_id, prospect, noeuds, motif = ecarte
        porteur = None if prospect is None else f"id:{prospect}"
        return (
            porteur,
            empreinte(self.entite, source_id),
            self.recus,
            prospect,
            self.chemin,
            motif,
            str(noeuds),
        )


def _ecarter(noeuds: "pa.RecordBatch", motifs: list[str]) -> list[Ecarte]:
    """Put these nodes aside, each with its motif."""
    colonnes = (noeuds[nom].to_pylist() for nom in ("source_id", "id_prospect", "noeuds"))
    return list(zip(*colonnes, motifs, strict=True))


def ecrire(
    contexte: Contexte,
    entite: str,
    decisions: "pa.RecordBatch",
    *,
    ensuite: apply.Ensuite = lambda _connexion, _refuses: None,
    apercu: "Callable[[pa.RecordBatch], pa.RecordBatch]" = lambda instantane: instantane,
) -> Ecriture:
    """Write what was decided for one entity.

    `decisions`: see `domain.plan`, with `nouveau` and `etat` (of the link, null without); `ensuite`, `apercu`: see `Decisions`.

    Raises:
        WriteError, DatabaseUnavailableError: see `crm.apply`.
    """
    from pyarrow import compute as pc

    bases = contexte.bases
    connues = decisions["crm_id"].filter(pc.invert(decisions["nouveau"]))
    lues = apercu(snapshot.lire_lignes(bases, entite, connues.to_pylist()))
    tri = _trier(bases, entite, decisions, lues)
    a_decider, instantane = tri.a_decider, retenir(lues, pc.not_equal(lues["supprime"], "true"))
    freres = _freres(bases, entite, a_decider, instantane)
    plan = dresser(entite, a_la_suite(a_decider, freres), instantane, maintenant())
    a_creer = pc.invert(dans(a_decider["crm_id"], instantane["crm_id"]))
    crees = retenir(a_decider, a_creer)
    lot_id = str(uuid4()) if plan.lignes.num_rows else None
    application = _planifier_et_appliquer(contexte, entite, lot_id, plan.lignes, crees, ensuite)
    refusees = dans(a_decider["crm_id"], application.refuses)
    ecrits = retenir(a_decider, pc.invert(pc.or_(a_creer, refusees)))
    accordes = retenir(freres, pc.invert(dans(freres["crm_id"], application.refuses)))
    journal.regler(
        bases,
        entite,
        lot_id,
        journal.liens(ecrits, *plan.des_liens(ecrits)),
        journal.liens(accordes, *plan.des_liens(accordes)),
        application,
        contexte.encore_titulaire,
    )
    source_ids = a_decider["source_id"]
    return Ecriture(
        frozenset(source_ids.filter(refusees).to_pylist()) | tri.parties,
        tri.supprimees,
        plan.conflits,
        retires.regler(bases, entite, tri.retirees, contexte.encore_titulaire),
        frozenset(source_ids.filter(pc.and_(refusees, a_creer)).to_pylist()),
        tri.intenables,
    )


@dataclass(frozen=True, slots=True)
class _Tri:
    """Decisions sorted by what can become of them: `a_decider`, with what the CRM can hold of their values, the others not.

    `retirees`: their row is marked as deleted; `supprimees`: it is gone; `parties`: matched a moment ago, it is gone since;
    `intenables`: it lacks what the CRM demands, or has what it cannot hold, with the motif (the last three by source id).
    """

    a_decider: "pa.RecordBatch"
    retirees: "pa.RecordBatch"
    supprimees: frozenset[str]
    parties: frozenset[str]
    intenables: Mapping[str, str]


def _trier(bases: Bases, entite: str, decisions: "pa.RecordBatch", lues: "pa.RecordBatch") -> _Tri:
    from pyarrow import compute as pc

    etats, source_ids = decisions["etat"], decisions["source_id"]
    absentes = pc.invert(pc.or_(decisions["nouveau"], dans(decisions["crm_id"], lues["crm_id"])))
    supprimees = pc.and_(absentes, certain(pc.equal(etats, "ecrit")))
    parties = pc.and_(absentes, etats.is_null())
    retirees = dans(decisions["crm_id"], lues["crm_id"].filter(pc.equal(lues["supprime"], "true")))
    restent = retenir(decisions, pc.invert(pc.or_(pc.or_(supprimees, parties), retirees)))
    existent = dans(restent["crm_id"], lues["crm_id"])
    motifs = debordements(bases, entite, restent, existent)
    tiennent = motifs.is_null()
    debordent = restent["source_id"].filter(motifs.is_valid()).to_pylist()
    intenables = dict(zip(debordent, motifs.drop_null().to_pylist(), strict=True))
    restent = adapter(bases, entite, retenir(restent, tiennent), existent.filter(tiennent))
    incompletes = _incompletes(bases, entite, restent, lues)
    intenables |= dict.fromkeys(restent["source_id"].filter(incompletes).to_pylist(), "valeur_exigee")
    return _Tri(
        retenir(restent, pc.invert(incompletes)),
        decisions.filter(retirees),
        frozenset(source_ids.filter(supprimees).to_pylist()),
        frozenset(source_ids.filter(parties).to_pylist()),
        intenables,
    )


def _incompletes(bases: Bases, entite: str, decisions: "pa.RecordBatch", instantane: "pa.RecordBatch") -> Any:
    """Tell which nodes are rows to be made of which none says what the CRM demands, as an Arrow mask."""
    from pyarrow import compute as pc

    ids = decisions["crm_id"]
    existent = dans(ids, instantane["crm_id"])
    manque = pc.and_not(existent, existent)
    for champ in bases.crm[entite].exiges:
        disent = ids.filter(decisions[champ].is_valid())
        manque = pc.or_(manque, pc.invert(pc.or_(existent, dans(ids, disent))))
    return manque


def premiere_rencontre(decisions: "pa.RecordBatch", entite: str, qui: Any) -> "pa.RecordBatch":
    """Forget what was last applied of these nodes: their link leads to another CRM row now, which they meet first."""
    from pyarrow import compute as pc

    if not pc.any(qui).as_py():
        return decisions
    oubliees = ("lien_empreinte", "lien_modifie_a", "lien_source_le", "vu", *(f"base_{c.nom}" for c in CHAMPS[entite]))
    return avec(decisions, {nom: la_ou(pc.invert(qui), decisions[nom]) for nom in oubliees})


def maintenant() -> str:
    """Tell the time, as Postgres prints an instant in UTC."""
    return datetime.now(UTC).isoformat(" ").replace("+00:00", "+00")


def _freres(bases: Bases, entite: str, decisions: "pa.RecordBatch", instantane: "pa.RecordBatch") -> "pa.RecordBatch":
    """Give the other source nodes of the CRM rows that are met: the most recent of all has the say. A user has none.

    One that has come as an older version than the one applied says what was applied (promise 4), as does one that is put
    aside because a column cannot hold what it says now.
    """
    from pyarrow import compute as pc

    aucun = decisions.slice(length=0)
    if not instantane.num_rows or entite == "utilisateur":
        return aucun
    autres = snapshot.freres(bases, entite, instantane["crm_id"].to_pylist(), decisions["source_id"].to_pylist())
    if autres is None:
        return aucun
    existent = autres["crm_id"].is_valid()
    tus = certain(pc.equal(autres["ancienne"], "t"))
    tus = pc.or_(tus, debordements(bases, entite, autres, existent).is_valid())
    appliques = {c.nom: f"base_{c.nom}" for c in CHAMPS[entite]} | {"empreinte": "lien_empreinte"}
    autres = avec(autres, {nom: pc.if_else(tus, autres[applique], autres[nom]) for nom, applique in appliques.items()})
    autres = adapter(bases, entite, autres, existent)
    # A plan names the rule of who spoke last.
    return avec(autres, {"regle": "lien", "preuve": None})


def _planifier_et_appliquer(
    contexte: Contexte,
    entite: str,
    lot_id: str | None,
    plan: "pa.RecordBatch",
    crees: "pa.RecordBatch",
    ensuite: apply.Ensuite,
) -> apply.Application:
    """Store a plan while its rows are written; they are committed only once the plan is. Tells what became of it.

    Until they are, nobody takes the sync's lock over.
    """
    bases, moi, titulaire = contexte.bases, contexte.synchronisation_id, contexte.encore_titulaire
    if contexte.a_blanc:
        if lot_id is not None:
            journal.prevoir(bases, moi, entite, lot_id, plan, crees, titulaire)
            contexte.prevues.setdefault(entite, set()).update(crees["crm_id"].to_pylist())
        return apply.Application(frozenset(), maintenant())
    bases.connexion("sync")  # opened here, and used in the other thread alone until the plan is stored
    with ThreadPoolExecutor(1, thread_name_prefix="crm_sync-plan") as fil:
        prevu = lot_id and fil.submit(journal.prevoir, bases, moi, entite, lot_id, plan, crees, titulaire)

        @contextmanager
        def garde() -> Iterator[None]:
            if prevu:
                prevu.result()
            with bases.transaction("sync"):
                titulaire()
                yield

        return apply.appliquer(bases, entite, lot_id, plan, garde=garde, ensuite=ensuite)
