-- nom: colonnes
-- The columns of a table or view with their real types, and the labels of those that are enums: one row per column, none where
-- there is no such table. Reads only. A domain is given as what it is made of; a type outside pg_catalog with its schema.
select
    a.attname::text as colonne,
    case
        when n.nspname = 'pg_catalog' then format_type(t.oid, coalesce(nullif(a.atttypmod, -1), d.typtypmod))
        else quote_ident(n.nspname) || '.' || quote_ident(t.typname)
    end as genre,
    case
        when t.typtype = 'e'
            then array(select e.enumlabel::text from pg_enum as e where e.enumtypid = t.oid order by e.enumsortorder)
    end as libelles
from pg_class as c
inner join pg_namespace as s on s.oid = c.relnamespace
inner join pg_attribute as a on a.attrelid = c.oid
inner join pg_type as d on d.oid = a.atttypid
inner join pg_type as t on t.oid = coalesce(nullif(d.typbasetype, 0), d.oid)
inner join pg_namespace as n on n.oid = t.typnamespace
where
    s.nspname = %(schema)s::text
    and c.relname = %(table)s::text
    and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and a.attnum > 0
    and not a.attisdropped
order by a.attnum;
