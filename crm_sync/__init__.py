"""crm_sync: prospects of a colleague's application, brought into the CRM.

The way of the data, stage by stage: `source` (fetch, strict JSON) → `domain` (pure rules) → `crm` (the only
writer) → `assets` (what Dagster shows). Nothing imports against that direction.
"""
