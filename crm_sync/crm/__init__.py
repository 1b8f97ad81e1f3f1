"""Everything that speaks SQL: the CRM's tables, the sync's own schema, and the one writer between them."""
