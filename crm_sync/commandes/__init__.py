"""Groups of commands that `crm_sync.cli` registers: each parses, calls and prints, in a module of its own."""
