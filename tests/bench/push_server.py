"""A WeChat that answers every call alike after a fixed time, as fast as asyncio can: port, milliseconds."""

import asyncio
import sys

TOKEN = b'{"access_token":"TOKEN-OF-THE-BENCH-1","expires_in":7200}'
SENT = b'{"errcode":0,"errmsg":"ok","msgid":12345}'
WAIT = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            head = self.held[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.held) < end + 4 + length:
                return
            body = TOKEN if b"stable_token" in head.split(b"\r\n", 1)[0] else SENT
            self.held = self.held[end + 4 + length :]
            answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
                len(body),
                body,
            )
            asyncio.get_running_loop().call_later(WAIT, self.transport.write, answer)  # type: ignore[attr-defined]


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Line, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
