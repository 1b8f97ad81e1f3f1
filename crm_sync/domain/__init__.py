"""The rules of the sync, pure: data in, data out; no Dagster, no database, no HTTP, no clock."""
