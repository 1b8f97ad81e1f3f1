-- nom: colonnes
-- The columns of a table with their real types, the labels of those that are enums, whether they must have a value, and their
-- default: one row per column, none where there is no such table. Reads only. A domain is given as what it is made of; a type
-- outside pg_catalog with its schema.
select
    a.attname::text as colonne,
    case
        when n.nspname = 'pg_catalog' then format_type(t.oid, coalesce(nullif(a.atttypmod, -1), d.typtypmod))
        else quote_ident(n.nspname) || '.' || quote_ident(t.typname)
    end as genre,
    case
        when t.typtype = 'e'
            then array(select l.enumlabel::text from pg_enum as l where l.enumtypid = t.oid order by l.enumsortorder)
    end as libelles,
    a.attnotnull or d.typnotnull as obligatoire,
    pg_get_expr(e.adbin, e.adrelid) as defaut
from pg_class as c
inner join pg_namespace as s on s.oid = c.relnamespace
inner join pg_attribute as a on a.attrelid = c.oid
inner join pg_type as d on d.oid = a.atttypid
inner join pg_type as t on t.oid = coalesce(nullif(d.typbasetype, 0), d.oid)
inner join pg_namespace as n on n.oid = t.typnamespace
left join pg_attrdef as e on e.adrelid = a.attrelid and e.adnum = a.attnum
where
    s.nspname = %(schema)s::text
    and c.relname = %(table)s::text
    and c.relkind in ('r', 'p')
    and a.attnum > 0
    and not a.attisdropped
order by a.attnum;

-- nom: lignes_cachees
-- Whether row-level security may hide rows of a table from this role: one row where it is active for it, none otherwise. `voit`:
-- a policy for this role lets it read every row; `change`: and change it; `retire`: a restrictive one takes some away again.
with ici as (
    select c.oid
    from pg_class as c
    inner join pg_namespace as s on s.oid = c.relnamespace
    where s.nspname = %(schema)s::text and c.relname = %(table)s::text and row_security_active(c.oid)
),

regles as (
    select
        p.polpermissive as permet,
        p.polcmd::text as commande,
        coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') = 'true' as toutes
    from pg_policy as p
    inner join ici on ici.oid = p.polrelid
    where (
        select bool_or(r.oid = 0 or pg_has_role(r.oid, 'USAGE'))
        from unnest(p.polroles) as r (oid)
    )
)

select
    (select coalesce(bool_or(permet and toutes and commande in ('*', 'r')), false) from regles) as voit,
    (select coalesce(bool_or(permet and toutes and commande in ('*', 'w')), false) from regles) as change,
    (select coalesce(bool_or(not permet and not toutes and commande in ('*', 'r', 'w')), false) from regles) as retire
from ici;

-- nom: sequence
-- The sequence that gives a column its values: one row, null where there is none. Its own (serial, identity), else one that its
-- default depends on.
select
    coalesce(
        pg_get_serial_sequence(format('%%I.%%I', %(schema)s::text, %(table)s::text), %(colonne)s::text),
        (
            select format('%%I.%%I', sn.nspname, sc.relname)
            from pg_attrdef as d
            inner join pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum
            inner join pg_depend as l on l.classid = 'pg_attrdef'::regclass and l.objid = d.oid
            inner join pg_class as sc on sc.oid = l.refobjid and sc.relkind = 'S'
            inner join pg_namespace as sn on sn.oid = sc.relnamespace
            where
                d.adrelid = format('%%I.%%I', %(schema)s::text, %(table)s::text)::regclass
                and a.attname = %(colonne)s::text
            limit 1
        )
    );

-- nom: reserver
-- So many numbers of a sequence: never given to anybody else.
select nextval(%(sequence)s::regclass)::text from generate_series(1, %(nombre)s::integer);
