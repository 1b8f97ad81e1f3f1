"""What an existing CRM's tables and columns are to us, proposed with the reasons: `crm-sync db map`.

`tables` recognises tables, `champs` columns, `mesures` counts what values look like, `mots` pairs enum labels with our
words, `redaction` writes the mapping file. Nothing is decided silently: what is not known is a hole.
"""
