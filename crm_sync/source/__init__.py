"""The colleague's endpoint: fetching its answer, the shape of that answer, and a reference server that speaks it."""
