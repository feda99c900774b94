"""What Postgres holds: credentials and requisitions, nothing else."""
