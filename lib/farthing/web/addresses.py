"""Where the app is reached, as banks and people are told."""

from farthing.settings import Settings

CALLBACK_PATH = "/consent/callback"


def web_address(settings: Settings) -> str:
    """Give the address at which people and banks reach the app, without a slash at its end."""
    return (settings.web_url or f"http://127.0.0.1:{settings.web_port}").rstrip("/")


def callback_address(settings: Settings) -> str:
    """Give the address to which a bank's page sends the person back."""
    return f"{web_address(settings)}{CALLBACK_PATH}"
