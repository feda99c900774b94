"""What keeps people from using a page, as axe-core finds it."""

import pytest
from playwright.sync_api import Page


def serious_faults(page: Page) -> list[str]:
    """Have axe-core look at what is ours; marimo's own frame is not."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{fault['id']}: {node['target']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
