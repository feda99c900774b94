"""The lake: every object key, the store, raw and landing writers, the catalogue. Knows no provider."""
