import gzip
from pathlib import Path

import marimo
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

ASSETS = Path(marimo.__file__).parent / "_static" / "assets"


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, deflate, br, zstd", "br"), ("gzip;q=1.0, deflate", "gzip")])
def test_scripts_come_packed_and_are_kept(client: TestClient, accepted: str, coding: str) -> None:
    script = next(ASSETS.glob("react-vega-*.js"))
    with client.stream("GET", f"/marimo/assets/{script.name}", headers={"accept-encoding": accepted}) as packed:
        body = b"".join(packed.iter_raw())
    plain = client.get(f"/marimo/assets/{script.name}", headers={"accept-encoding": "identity"})

    assert plain.content == script.read_bytes()
    assert packed.headers["content-encoding"] == coding
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert "immutable" in packed.headers["cache-control"]
    unpack = pa.Codec({"br": "brotli"}.get(coding, coding)).decompress
    assert unpack(body, decompressed_size=len(plain.content), asbytes=True) == plain.content
    assert int(packed.headers["content-length"]) == len(body) < len(gzip.compress(plain.content, 1))
    assert "content-encoding" not in plain.headers


def test_a_page_does_without_languages_of_code_that_it_never_shows(client: TestClient) -> None:
    """Of the marimo that is installed; another one may need another look at what it brings."""
    scripts = {each.name: each.read_text(encoding="utf-8") for each in ASSETS.glob("*.js")}
    [languages] = (name for name, script in scripts.items() if 'from"./cobol-' in script and 'from"./pascal-' in script)
    [begin] = (name for name in scripts if name.startswith("index-"))
    [frame] = (name for name in scripts if name.startswith("layout-"))
    assert '"./pascal-' in scripts[begin]
    assert languages in scripts[frame]

    def served(name: str) -> str:
        return str(client.get(f"/marimo/assets/{name}", headers={"accept-encoding": "gzip"}).text)

    assert '"./pascal-' not in served(begin)
    assert languages not in served(frame)
    assert '"./pascal-' in served(languages)  # for an editor, which brings it itself
