"""Stories over several syncs, on a real Postgres and a real HTTP source."""
