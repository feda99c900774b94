"""A bank that speaks the GoCardless protocol: for the demo, tests, load and faults."""
