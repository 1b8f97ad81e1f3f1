"""Speed as ratios inside one run: the sync against the least that any loader must do."""
