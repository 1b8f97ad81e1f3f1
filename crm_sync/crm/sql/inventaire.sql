-- nom: session
-- One row: who we are in this database, and what holds for all of it. Reads only.
select
    current_user::text as role,
    current_setting('is_superuser')::boolean as superutilisateur,
    current_database()::text as base,
    current_setting('server_version_num')::integer as version,
    current_setting('server_encoding') as encodage,
    pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as lecture_seule,
    has_database_privilege(current_database(), 'TEMP') as temporaires,
    has_database_privilege(current_database(), 'CREATE') as creation;

-- nom: schemas
-- One row per schema that is not the server's own. Reads only.
select
    n.nspname::text as nom,
    has_schema_privilege(n.oid, 'USAGE') as utilisable
from pg_catalog.pg_namespace as n
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by n.nspname;

-- nom: tables
-- One row per relation of these names, schema by table (all where none is given): kind, size as estimated, privileges, row
-- security. Reads only.
select
    c.oid::bigint as oid,
    n.nspname::text as schema,
    c.relname::text as nom,
    c.relkind::text as genre,
    greatest(c.reltuples, 0)::bigint as lignes,
    row_security_active(c.oid) as rls_active,
    array_remove(array[
        case when has_table_privilege(c.oid, 'SELECT') then 'SELECT' end,
        case when has_table_privilege(c.oid, 'INSERT') then 'INSERT' end,
        case when has_table_privilege(c.oid, 'UPDATE') then 'UPDATE' end,
        case when has_table_privilege(c.oid, 'DELETE') then 'DELETE' end
    ], null) as droits
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
    c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not c.relispartition
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and (
        %(schemas)s::text [] is null
        or (n.nspname, c.relname) in (select * from unnest(%(schemas)s::name [], %(noms)s::name []))
    )
order by n.nspname, c.relname;

-- nom: droits_du_schema
-- One row per table, view and sequence of one schema, and what our role may do with it. Reads only.
select
    c.relname::text as nom,
    c.relkind::text as genre,
    case
        when c.relkind = 'S'
            then array_remove(array[
                case when has_sequence_privilege(c.oid, 'USAGE') then 'USAGE' end,
                case when has_sequence_privilege(c.oid, 'SELECT') then 'SELECT' end
            ], null)
        else
            array_remove(array[
                case when has_table_privilege(c.oid, 'SELECT') then 'SELECT' end,
                case when has_table_privilege(c.oid, 'INSERT') then 'INSERT' end,
                case when has_table_privilege(c.oid, 'UPDATE') then 'UPDATE' end,
                case when has_table_privilege(c.oid, 'DELETE') then 'DELETE' end
            ], null)
    end as droits
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = %(schema)s::text and c.relkind in ('r', 'v', 'S')
order by c.relname;

-- nom: colonnes
-- One row per column of these relations, in their order, and their row version: type, default, own sequence, labels,
-- privileges. Reads only.
select
    a.attrelid::bigint as oid,
    a.attname::text as nom,
    format_type(a.atttypid, a.atttypmod) as type,
    format_type(b.oid, null) as type_de_base,
    b.typtype = 'e' as enum,
    coalesce(e.etiquettes, '{}') as etiquettes,
    a.attnotnull or t.typnotnull as obligatoire,
    case
        when a.attgenerated = '' then coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault)
    end as defaut,
    a.attidentity::text as identite,
    a.attgenerated <> '' as generee,
    s.sequence_schema,
    s.sequence_nom,
    coalesce(s.utilisable, false) as sequence_utilisable,
    q.sequence_schema as defaut_schema,
    q.sequence_nom as defaut_nom,
    coalesce(q.utilisable, true) as defaut_utilisable,
    array_remove(array[
        case when has_column_privilege(a.attrelid, a.attnum, 'SELECT') then 'SELECT' end,
        case when has_column_privilege(a.attrelid, a.attnum, 'INSERT') then 'INSERT' end,
        case when has_column_privilege(a.attrelid, a.attnum, 'UPDATE') then 'UPDATE' end
    ], null) as droits
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_type as t on t.oid = a.atttypid
inner join pg_catalog.pg_type as b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join (
    select
        enumtypid,
        array_agg(enumlabel::text order by enumsortorder) as etiquettes
    from pg_catalog.pg_enum
    group by enumtypid
) as e on e.enumtypid = b.oid
left join (
    select distinct on (p.refobjid, p.refobjsubid)
        p.refobjid,
        p.refobjsubid,
        n.nspname::text as sequence_schema,
        c.relname::text as sequence_nom,
        has_sequence_privilege(c.oid, 'USAGE') as utilisable
    from pg_catalog.pg_depend as p
    inner join pg_catalog.pg_class as c on c.oid = p.objid and c.relkind = 'S'
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where
        p.classid = 'pg_catalog.pg_class'::regclass
        and p.refclassid = 'pg_catalog.pg_class'::regclass
        and p.deptype in ('a', 'i')
        and p.refobjid = any(%(oids)s::oid [])
    order by p.refobjid, p.refobjsubid, c.oid
) as s on s.refobjid = a.attrelid and s.refobjsubid = a.attnum
left join (
    select distinct on (p.objid)
        p.objid,
        n.nspname::text as sequence_schema,
        c.relname::text as sequence_nom,
        has_sequence_privilege(c.oid, 'USAGE') as utilisable
    from pg_catalog.pg_depend as p
    inner join pg_catalog.pg_class as c on c.oid = p.refobjid and c.relkind = 'S'
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where p.classid = 'pg_catalog.pg_attrdef'::regclass and p.refclassid = 'pg_catalog.pg_class'::regclass
    order by p.objid, c.oid
) as q on q.objid = d.oid
where
    a.attrelid = any(%(oids)s::oid [])
    and not a.attisdropped
    and (a.attnum > 0 or a.attname = 'xmin')
order by a.attrelid, a.attnum;

-- nom: index
-- One row per valid index of these relations; `expressions`: a column's quoted name or the expression, key by key. Reads only.
select
    i.indrelid::bigint as oid,
    c.relname::text as nom,
    i.indisunique as unique_,
    i.indisprimary as primaire,
    m.amname::text as methode,
    array(
        select pg_get_indexdef(i.indexrelid, k, true)
        from generate_series(1, i.indnkeyatts) as k
        order by k
    ) as expressions,
    pg_get_expr(i.indpred, i.indrelid) as condition
from pg_catalog.pg_index as i
inner join pg_catalog.pg_class as c on c.oid = i.indexrelid
inner join pg_catalog.pg_am as m on m.oid = c.relam
where i.indrelid = any(%(oids)s::oid []) and i.indisvalid
order by i.indrelid, c.relname;

-- nom: contraintes
-- One row per foreign key and CHECK of these relations, with the columns that it holds. Reads only.
select
    k.conrelid::bigint as oid,
    k.conname::text as nom,
    k.contype::text as genre,
    array(
        select a.attname::text
        from unnest(k.conkey) with ordinality as u (attnum, rang)
        inner join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = u.attnum
        order by u.rang
    ) as colonnes,
    n.nspname::text as vers_schema,
    c.relname::text as vers_table,
    case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression
from pg_catalog.pg_constraint as k
left join pg_catalog.pg_class as c on c.oid = k.confrelid
left join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where k.conrelid = any(%(oids)s::oid []) and k.contype in ('f', 'c') and k.conparentid = 0
order by k.conrelid, k.conname;

-- nom: declencheurs
-- One row per trigger of these relations that somebody made and that is on. Reads only.
select
    t.tgrelid::bigint as oid,
    t.tgname::text as nom,
    (t.tgtype & 1) <> 0 as par_ligne,
    (t.tgtype & 2) <> 0 as avant,
    (t.tgtype & 4) <> 0 as a_l_insertion,
    (t.tgtype & 16) <> 0 as a_la_mise_a_jour,
    array(
        select a.attname::text
        from pg_catalog.pg_attribute as a
        where a.attrelid = t.tgrelid and a.attnum = any(t.tgattr::smallint [])
        order by a.attnum
    ) as colonnes,
    p.proname::text as fonction,
    p.prosecdef as a_ses_droits
from pg_catalog.pg_trigger as t
inner join pg_catalog.pg_proc as p on p.oid = t.tgfoid
where t.tgrelid = any(%(oids)s::oid []) and not t.tgisinternal and t.tgenabled in ('O', 'A')
order by t.tgrelid, t.tgname;

-- nom: politiques
-- One row per policy of these relations that holds for our role. Reads only.
select
    p.polrelid::bigint as oid,
    p.polname::text as nom,
    p.polcmd::text as commande,
    p.polpermissive as permissive,
    pg_get_expr(p.polqual, p.polrelid) as visible,
    pg_get_expr(p.polwithcheck, p.polrelid) as acceptee
from pg_catalog.pg_policy as p
where
    p.polrelid = any(%(oids)s::oid [])
    and (
        p.polroles = '{0}'
        or (select bool_or(pg_has_role(r, 'USAGE')) from unnest(p.polroles) as r where r <> 0)
        or 0 = any(p.polroles)
    )
order by p.polrelid, p.polname;
