"""The sync's own schema: answers as received, normalised state, links, plan and journal, runs, requests."""

from alembic import op

revision = "sync_0001"
down_revision = None
branch_labels = ("sync",)
depends_on = None

RAW = """
create table crm_sync.reponse (
    reponse_id bigint generated always as identity primary key,
    recue_le timestamptz not null,
    corps_sha256 bytea not null,
    octets bigint not null,
    nb_elements integer not null,
    etag text
);
comment on table crm_sync.reponse is 'Une ligne par réponse acceptée du point d''accès';

create table crm_sync.prospect_brut (
    version_id bigint generated always as identity primary key,
    id_prospect text,
    charge_sha256 bytea not null,
    charge bytea not null,
    vu_premier_le timestamptz not null
);
-- Compressed in place where the server was built with lz4: two thirds less to write than out of line. pglz, the default,
-- would cost more time than it saves.
do $$
begin
    alter table crm_sync.prospect_brut alter column charge set compression lz4;
    alter table crm_sync.prospect_brut alter column charge set storage main;
exception when feature_not_supported then
    alter table crm_sync.prospect_brut alter column charge set storage external;
end
$$;
create unique index prospect_brut_charge_key on crm_sync.prospect_brut (charge_sha256);
create index prospect_brut_prospect_idx on crm_sync.prospect_brut (id_prospect);
comment on table crm_sync.prospect_brut is
    'Un prospect tel que reçu, octet pour octet ; une version par contenu distinct';

create table crm_sync.prospect_presence (
    version_id bigint not null,
    depuis bigint not null,
    jusqu_a bigint,
    occurrences integer not null default 1,
    primary key (version_id, depuis)
);
create index prospect_presence_actuelle_idx on crm_sync.prospect_presence (version_id) where jusqu_a is null;
comment on table crm_sync.prospect_presence is
    'De quelle réponse à quelle réponse une version était présente ; jusqu_a vide : elle y est encore';

create view crm_sync.prospect_vu as
select
    b.version_id,
    b.id_prospect,
    b.vu_premier_le,
    max(coalesce(fin.recue_le, derniere.recue_le)) as vu_dernier_le,
    bool_or(p.jusqu_a is null) as present
from crm_sync.prospect_brut as b
inner join crm_sync.prospect_presence as p on p.version_id = b.version_id
left join crm_sync.reponse as fin on fin.reponse_id = p.jusqu_a
cross join (select max(recue_le) as recue_le from crm_sync.reponse) as derniere
group by b.version_id;
comment on view crm_sync.prospect_vu is 'Quand chaque version a été vue pour la première et la dernière fois';
"""

# Unlogged: everything here comes from prospect_brut. After a crash of the server the tables are empty, so the next sync
# reads every prospect again; links and their bases are logged, so that changes nothing in the CRM.
# What each look at all rows reads comes first: Postgres takes a row apart up to the last column that is asked for.
NORMALISED = """
create unlogged table crm_sync.normalisation (
    cle text primary key,
    versions text not null,
    regles text not null,
    recus_clients integer not null,
    recus_contrats integer not null,
    recus_informations_paiement integer not null,
    present boolean not null default true
);
comment on table crm_sync.normalisation is
    'Quelle version de chaque prospect a été normalisée, par quelles règles, et combien de nœuds elle portait';

create unlogged table crm_sync.commerciaux (
    source_id text not null,
    nom text,
    prenom text,
    email text,
    telephone text,
    cle_email text,
    modifie_a timestamptz,
    empreinte text not null,
    primary key (source_id, empreinte)
);
comment on table crm_sync.commerciaux is
    'Les commerciaux tels que les prospects les portent : une ligne par copie distincte';

create unlogged table crm_sync.clients (
    source_id text primary key,
    present boolean not null default true,
    noeuds integer not null,
    modifie_a timestamptz,
    empreinte text not null,
    commercial_source_id text,
    commercial_empreinte text,
    cle_email text,
    cles_telephone text,
    cle_nom text,
    cle_prenom text,
    nom text not null,
    prenom text,
    email text,
    telephone text,
    naissance date,
    identity_card jsonb
);

create view crm_sync.commercial_retenu as
select distinct on (k.source_id)
    k.source_id, k.nom, k.prenom, k.email, k.telephone, k.cle_email, k.modifie_a, k.empreinte, 1 as noeuds
from crm_sync.commerciaux as k
inner join (
    select distinct commercial_source_id, commercial_empreinte
    from crm_sync.clients
    where present and commercial_empreinte is not null
) as c on c.commercial_source_id = k.source_id and c.commercial_empreinte = k.empreinte
order by k.source_id asc, k.modifie_a desc nulls last, k.empreinte asc;
comment on view crm_sync.commercial_retenu is
    'Une ligne par commercial de la source : la plus récente des copies que portent les prospects présents';

create unlogged table crm_sync.contrats (
    source_id text primary key,
    present boolean not null default true,
    noeuds integer not null,
    modifie_a timestamptz,
    empreinte text not null,
    id_prospect text not null,
    cle_reference text not null,
    commercial_source_id text,
    reference text not null,
    description text,
    statut text not null,
    statut_source text,
    type text,
    fournisseur text,
    produit text,
    montant numeric(12, 2),
    date_signature timestamptz,
    date_validation timestamptz,
    document_url text,
    audit_trail_url text
);
create index contrats_prospect_idx on crm_sync.contrats (id_prospect);
create index contrats_statut_inconnu_idx on crm_sync.contrats (source_id)
where statut = 'autre' and statut_source is not null;

create unlogged table crm_sync.informations_paiement (
    source_id text primary key,
    present boolean not null default true,
    noeuds integer not null,
    modifie_a timestamptz,
    empreinte text not null,
    id_prospect text not null,
    iban text not null,
    bic text
);
create index informations_paiement_prospect_idx on crm_sync.informations_paiement (id_prospect);

create table crm_sync.rejet (
    rejet_id bigint generated always as identity primary key,
    etape text not null,
    cle text not null,
    porteur text,
    entite text not null,
    id_prospect text,
    chemin text not null,
    motif text not null,
    raison text not null,
    que_faire text not null,
    noeuds integer not null default 1,
    depuis timestamptz not null default now(),
    ferme_le timestamptz,
    present boolean not null default true
);
create unique index rejet_ouvert_key on crm_sync.rejet (etape, cle) where ferme_le is null;
create index rejet_porteur_idx on crm_sync.rejet (porteur) where ferme_le is null;
comment on table crm_sync.rejet is 'Ce qui n''a pas pu être utilisé, au plus petit grain, et ce qu''il faut faire';
"""

DECISIONS = """
create table crm_sync.lot (
    lot_id uuid primary key,
    synchronisation_id text not null,
    entite text not null,
    etat text not null default 'prevu' check (etat in ('prevu', 'applique', 'abandonne')),
    cree_le timestamptz not null default now(),
    applique_le timestamptz
);
create index lot_synchronisation_idx on crm_sync.lot (synchronisation_id);
create index lot_prevu_idx on crm_sync.lot (entite) where etat = 'prevu';

create table crm_sync.lien_externe (
    entite text not null,
    source_id text not null,
    crm_id text not null,
    lot_id uuid,
    regle text not null,
    preuve jsonb,
    base jsonb,
    empreinte text,
    source_modifie_a timestamptz,
    cree_le timestamptz not null default now(),
    applique_le timestamptz,
    primary key (entite, source_id)
);
comment on table crm_sync.lien_externe is
    'Identifiant de la source → identifiant du CRM, avec les dernières valeurs synchronisées (base)';
comment on column crm_sync.lien_externe.lot_id is
    'Le lot qui crée la ligne du CRM ; vide si elle existait. Tant qu''il n''est pas appliqué, le lien est prévu.';

create view crm_sync.lien as
select
    l.entite,
    l.source_id,
    l.crm_id,
    case when l.lot_id is null or o.etat = 'applique' then 'ecrit' else 'prevu' end as etat,
    l.regle,
    l.preuve,
    l.base,
    l.empreinte,
    l.source_modifie_a,
    l.cree_le,
    l.applique_le
from crm_sync.lien_externe as l
left join crm_sync.lot as o on o.lot_id = l.lot_id;
comment on view crm_sync.lien is
    'Les liens avec leur état : prevu tant que la ligne du CRM n''est pas écrite, ecrit ensuite';

create table crm_sync.plan (
    plan_id bigint generated always as identity primary key,
    lot_id uuid not null,
    crm_id text not null,
    action text not null check (action in ('creation', 'modification')),
    valeurs json,
    champs json,
    regle text not null,
    preuve jsonb,
    refusee boolean not null default false
);
create index plan_lot_idx on crm_sync.plan (lot_id);

create view crm_sync.journal as
select
    p.plan_id as journal_id,
    l.synchronisation_id,
    l.entite,
    p.crm_id,
    p.action,
    p.valeurs,
    p.champs,
    p.regle,
    p.preuve,
    l.applique_le
from crm_sync.plan as p
inner join crm_sync.lot as l on l.lot_id = p.lot_id
where l.etat = 'applique' and not p.refusee;
comment on view crm_sync.journal is
    'Chaque ligne du CRM créée (valeurs) ou modifiée (champs : avant, apres) : les lignes de plan appliquées';

create table crm_sync.doublon_possible (
    doublon_id bigint generated always as identity primary key,
    entite text not null default 'client',
    id_a text not null,
    id_b text not null,
    regle text not null,
    preuve jsonb,
    vu_le timestamptz not null default now(),
    ferme_le timestamptz,
    unique (entite, id_a, id_b)
);

create table crm_sync.contrat_commercial_historique (
    historique_id bigint generated always as identity primary key,
    contrat_id text not null,
    ancien_commercial_id text,
    commercial_id text not null,
    change_le timestamptz not null default now(),
    synchronisation_id text not null
);
create index historique_contrat_idx on crm_sync.contrat_commercial_historique (contrat_id);
comment on table crm_sync.contrat_commercial_historique is
    'Chaque changement de portefeuille d''un contrat ; le premier détenteur est dans le journal de sa création';
"""

REST = """
create sequence crm_sync.mouvement;
comment on sequence crm_sync.mouvement is
    'Avance à chaque changement de ce que les étapes comparent : lectures, tables normalisées, liens';

create function crm_sync.noter_mouvement() returns trigger language plpgsql as $$
begin
    perform nextval('crm_sync.mouvement');
    return null;
end
$$;

create unlogged table crm_sync.repos (
    unique_ligne boolean primary key default true check (unique_ligne),
    mouvement bigint not null,
    regles text not null,
    livres jsonb not null
);
comment on table crm_sync.repos is
    'Le mouvement auquel plus rien n''attendait, et les livres à ce moment. Vidée, comme les tables normalisées, quand le '
    'serveur tombe : la synchronisation suivante regarde alors tout';
"""

OBSERVEES = (
    "prospect_presence",
    "normalisation",
    "commerciaux",
    "clients",
    "contrats",
    "informations_paiement",
    "lien_externe",
    "lot",
)

RUNS = """
create table crm_sync.synchronisation (
    synchronisation_id text primary key,
    commence_le timestamptz not null default now(),
    termine_le timestamptz,
    statut text not null default 'en_cours' check (statut in ('en_cours', 'reussie', 'echouee', 'refusee')),
    etape text,
    reponse_id bigint references crm_sync.reponse,
    comptes jsonb not null default '{}',
    avertissements jsonb not null default '[]',
    message text
);
create index synchronisation_commence_idx on crm_sync.synchronisation (commence_le);

create table crm_sync.verrou (
    nom text primary key,
    titulaire text,
    hote text,
    pid integer,
    pris_le timestamptz,
    battement timestamptz
);
insert into crm_sync.verrou (nom) values ('synchronisation');

create table crm_sync.demande_sync (
    id uuid primary key default gen_random_uuid(),
    demande_par text,
    demande_le timestamptz not null default now(),
    statut text not null default 'en_attente'
        check (statut in ('en_attente', 'en_cours', 'reussie', 'echouee', 'refusee')),
    etape text,
    run_id text,
    commence_le timestamptz,
    termine_le timestamptz,
    resultat jsonb,
    message text
);
create index demande_sync_ouverte_idx on crm_sync.demande_sync (demande_le)
where statut in ('en_attente', 'en_cours');

create function crm_sync.annoncer_demande() returns trigger language plpgsql as $$
begin
    perform pg_notify('crm_sync_demande', '');
    return null;
end
$$;
create trigger demande_sync_annonce after insert on crm_sync.demande_sync
for each statement execute function crm_sync.annoncer_demande();
"""


def upgrade() -> None:
    """Create the schema crm_sync."""
    op.execute("create schema if not exists crm_sync")
    for statements in (RAW, NORMALISED, DECISIONS, REST, RUNS):
        op.execute(statements)
    for table in OBSERVEES:
        op.execute(
            f"create trigger {table}_mouvement after insert or update or delete or truncate on crm_sync.{table} "
            "for each statement execute function crm_sync.noter_mouvement()"
        )
