"""The read API: what people see of the CRM, over HTTP and JSON, without Dagster and without a right to write.

`app` puts it together, `routes` are its addresses, `modeles` its shapes, `jetons` who calls. What may be seen is decided in
`crm.visibilite`, read in `crm`, and never here.
"""
