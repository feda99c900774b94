"""``python -m farthing.stack.prefect_server``: Prefect's server and UI, out of reach of other web sites.

It has no passwords, and a worker runs whatever it is told to. So it answers only under this machine's own names: a web
site that is open in the same browser could otherwise reach it under a name that points here (DNS rebinding). What a
site may ask under our names is Prefect's to refuse, by ``PREFECT_SERVER_CORS_ALLOWED_ORIGINS``.
"""

import uvicorn
from prefect.server.api.server import create_app
from starlette.middleware.trustedhost import TrustedHostMiddleware

from farthing.settings import Settings
from farthing.stack.services import PREFECT_NAMES


def main() -> None:
    """Serve until interrupted."""
    app = TrustedHostMiddleware(create_app(final=True), allowed_hosts=PREFECT_NAMES)
    uvicorn.run(app, host="127.0.0.1", port=Settings.load().prefect_port)


if __name__ == "__main__":
    main()
