"""The paths of the API, and the pages in a person's browser."""
