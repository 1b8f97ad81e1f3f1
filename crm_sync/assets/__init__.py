"""The chain as Dagster assets: thin functions that call a stage and record what it did."""
