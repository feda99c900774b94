"""The web app: consent pages, health, and the notebooks."""
