"""The commands that show and decide: what a person reads and says of plans, duplicates, changes and removals."""
