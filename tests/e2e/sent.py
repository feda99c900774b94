"""How much a page is sent."""

import zlib

from playwright.sync_api import Page


class Sent:
    """Counts the bytes that a page is sent from now on: over HTTP with headers, and over its websockets.

    Of a websocket the browser tells only what it unpacked, so that is packed again as the server does (RFC 7692, with
    the window that it settles on), which comes to what is on the wire.
    """

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self._packer = zlib.compressobj(wbits=-12, memLevel=5)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: self._count(int(event["encodedDataLength"])))
        network.on("Network.webSocketFrameReceived", lambda event: self._count_frame(event["response"]["payloadData"]))

    def _count(self, size: int) -> None:
        self.bytes += size

    def _count_frame(self, text: str) -> None:
        packed = self._packer.compress(text.encode()) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        self._count(len(packed))
