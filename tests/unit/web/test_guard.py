import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from farthing.web.guard import Guard


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(Guard, web_url="https://books.example")

    @app.api_route("/", methods=["GET", "POST"])
    async def page() -> str:
        return "served"

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("served")

    return TestClient(app, base_url="http://127.0.0.1:7400")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7400", 200),
        ("localhost:7400", 200),
        ("[::1]:7400", 200),
        ("LOCALHOST", 200),
        ("books.example", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_answers_only_under_its_own_names(client: TestClient, host: str, status: int) -> None:
    assert client.get("/", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="no-browser"),
        pytest.param({"origin": "http://127.0.0.1:7400", "sec-fetch-site": "same-origin"}, 200, id="own-page"),
        pytest.param({"origin": "http://evil.example"}, 403, id="another-site"),
        pytest.param({"origin": "http://127.0.0.1:9999"}, 403, id="another-port"),
        pytest.param({"origin": "null"}, 403, id="sandboxed-frame"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="cross-site-without-origin"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="another-port-without-origin"),
    ],
)
def test_takes_forms_only_from_its_own_pages(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert client.post("/", headers=headers).status_code == status


def test_opens_a_websocket_to_its_own_pages(client: TestClient) -> None:
    with client.websocket_connect("ws://127.0.0.1:7400/ws", headers={"origin": "http://127.0.0.1:7400"}) as socket:
        assert socket.receive_text() == "served"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"origin": "http://evil.example"}, id="another-site"),
        pytest.param({"host": "evil.example"}, id="another-name"),
    ],
)
def test_opens_no_websocket_to_others(client: TestClient, headers: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("ws://127.0.0.1:7400/ws", headers=headers),
    ):
        pass


def test_lets_the_banks_redirect_come_from_another_site(client: TestClient) -> None:
    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_lets_no_page_send_anything_elsewhere(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "connect-src 'self' data: blob:;" in policy


@pytest.mark.parametrize(
    ("headers", "has_policy"),
    [
        pytest.param({}, True, id="no-browser"),
        pytest.param({"sec-fetch-dest": "document"}, True, id="page"),
        pytest.param({"sec-fetch-dest": "worker"}, True, id="worker"),
        pytest.param({"sec-fetch-dest": "script"}, False, id="script-of-a-page"),
    ],
)
def test_what_has_no_page_of_its_own_has_no_policy_of_its_own(
    client: TestClient, headers: dict[str, str], has_policy: bool
) -> None:
    answer = client.get("/", headers=headers)

    assert ("content-security-policy" in answer.headers) is has_policy
    assert answer.headers["x-content-type-options"] == "nosniff"
