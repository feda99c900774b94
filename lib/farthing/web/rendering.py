"""How pages are made from templates."""

from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates

STATIC_DIR = Path(__file__).parent / "static"

_templates = Jinja2Templates(Path(__file__).parent / "templates")


def show(request: Request, template: str, *, status_code: int = 200, **words: object) -> Response:
    """Show a page of that template."""
    return _templates.TemplateResponse(request, template, words, status_code=status_code)
