"""The GoCardless Bank Account Data API: knows no lake and no database."""
