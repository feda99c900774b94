"""What every notebook looks through: periods, filters that live in the address, queries, drawings. No marimo here."""
