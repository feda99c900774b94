"""The embedded servers that `farthing up` runs: Postgres, S3, Prefect and the web app."""
