"""What it takes to explain and to undo: source and CRM times of a link, decisions of people, absences, undone runs."""

from alembic import op

revision = "sync_0002"
down_revision = "sync_0001"
branch_labels = None
depends_on = None

LINKS = """
alter table crm_sync.lien_externe
    alter column applique_le set default now(),
    add column source_le timestamptz,
    add column vu jsonb,
    add column retire_le timestamptz;
comment on column crm_sync.lien_externe.source_modifie_a is
    'updatedAt du nœud de la source, tel qu''appliqué la dernière fois, jamais après sa réception';
comment on column crm_sync.lien_externe.source_le is
    'Moment de la dernière version appliquée : son updatedAt s''il avait bougé, sinon quand elle a été vue d''abord';
comment on column crm_sync.lien_externe.vu is
    'Valeurs du CRM qui ne sont pas la base, avec le moment où chacune a été vue d''abord : {champ: {valeur, le}}';
comment on column crm_sync.lien_externe.retire_le is
    'La ligne créée a été retirée par une annulation ; elle n''est refaite que si la source change';

create or replace view crm_sync.lien as
select
    l.entite,
    l.source_id,
    l.crm_id,
    case
        when l.retire_le is not null then 'retire'
        when l.lot_id is null or o.etat = 'applique' then 'ecrit'
        else 'prevu'
    end as etat,
    l.regle,
    l.preuve,
    l.base,
    l.empreinte,
    l.source_modifie_a,
    l.cree_le,
    l.applique_le,
    l.source_le,
    l.vu
from crm_sync.lien_externe as l
left join crm_sync.lot as o on o.lot_id = l.lot_id;
"""

# Normalised rows know when their payload was first seen: the time of a change where the source gives none.
NORMALISED = """
alter table crm_sync.commerciaux add column vu_le timestamptz;
alter table crm_sync.clients add column vu_le timestamptz;
alter table crm_sync.contrats add column vu_le timestamptz;
alter table crm_sync.informations_paiement add column vu_le timestamptz;
alter table crm_sync.normalisation add column horloges_en_avance integer not null default 0;

create or replace view crm_sync.commercial_retenu as
select distinct on (k.source_id)
    k.source_id, k.nom, k.prenom, k.email, k.telephone, k.cle_email, k.modifie_a, k.empreinte, 1 as noeuds, k.vu_le
from crm_sync.commerciaux as k
inner join (
    select distinct commercial_source_id, commercial_empreinte
    from crm_sync.clients
    where present and commercial_empreinte is not null
) as c on c.commercial_source_id = k.source_id and c.commercial_empreinte = k.empreinte
order by k.source_id asc, k.modifie_a desc nulls last, k.empreinte asc;
"""

DECISIONS = """
alter table crm_sync.plan drop constraint plan_action_check;
alter table crm_sync.plan add constraint plan_action_check
check (action in ('creation', 'modification', 'conflit', 'suppression'));
alter table crm_sync.lot add column ecrit_a timestamptz;
comment on column crm_sync.lot.ecrit_a is
    'Heure de la transaction qui a écrit les lignes : celle de leur updated_at tant que personne d''autre ne les touche';
alter table crm_sync.synchronisation add column genre text not null default 'synchronisation'
check (genre in ('synchronisation', 'annulation', 'restauration', 'decision'));

create table crm_sync.decision (
    decision_id bigint generated always as identity primary key,
    verdict text not null check (verdict in ('meme', 'different')),
    a text not null,
    b text not null,
    decide_par text not null,
    decide_le timestamptz not null default now(),
    unique (a, b)
);
comment on table crm_sync.decision is
    'Ce qu''une personne a décidé de deux fiches (client:ID ou prospect:ID) ; pour meme, a est celle que l''on garde';

alter table crm_sync.contrat_commercial_historique
add column lecture text not null default 'portefeuille' check (lecture in ('portefeuille', 'vendu_par'));
"""

ABSENCES = """
create table crm_sync.absence (
    absence_id bigint generated always as identity primary key,
    entite text not null check (entite in ('client', 'contrat', 'information_paiement')),
    source_id text not null,
    depuis timestamptz not null,
    reponses integer not null,
    derniere_reponse_id bigint not null,
    disparu_le timestamptz,
    revenu_le timestamptz
);
create unique index absence_ouverte_key on crm_sync.absence (entite, source_id) where revenu_le is null;
create index absence_comptee_idx on crm_sync.absence (derniere_reponse_id) where revenu_le is null and disparu_le is null;
comment on table crm_sync.absence is
    'Ce que des réponses complètes d''affilée n''avaient plus ; disparu_le : marqué disparu ; revenu_le : revenu dans la source';

create table crm_sync.approbation (
    approbation_id bigint generated always as identity primary key,
    nombre integer not null,
    approuve_par text not null,
    approuve_le timestamptz not null default now(),
    remplacee_le timestamptz,
    reponse_id bigint
);
create unique index approbation_ouverte_key on crm_sync.approbation ((true))
where reponse_id is null and remplacee_le is null;
comment on table crm_sync.approbation is
    'Retraits approuvés par une personne ; bonne pour une seule réponse, celle de reponse_id une fois utilisée';

alter table crm_sync.reponse
    add column complete boolean,
    add column retraits_en_attente integer not null default 0,
    add column mouvement bigint;
comment on column crm_sync.reponse.complete is
    'Vrai : elle prouve l''absence de ce qu''elle n''a pas ; faux : il lui manque trop ; vide : pas encore jugée';
comment on column crm_sync.reponse.mouvement is
    'Le mouvement auquel elle a été jugée : tant qu''il n''avance pas, la suivante a les mêmes absents ; vide : à revoir';
"""


def upgrade() -> None:
    """Add the columns and tables."""
    for statements in (LINKS, NORMALISED, DECISIONS, ABSENCES):
        op.execute(statements)
