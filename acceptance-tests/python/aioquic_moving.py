"""Echoes bytes through a QUIC listener with aioquic while its own address changes, and says what it saw.

Arguments: host, port, server name, CA file, `rebinding`, `migration` or `straying`, bytes, then the addresses to come from:
the first at the beginning, the others one after another, spread over the transfer.

`rebinding` only goes on from another socket, as behind a NAT that forgets: the client does not know. `migration` also
changes to another connection id, as a client does that changes its network (RFC 9000, section 9). `straying` migrates, waits
there for an answer, and goes back to the first address.

Prints JSON: whether every byte came back, how often the server challenged a path, and what backends said they saw (the
address on the stream of the transfer, on a stream opened right after the last change, and on one as soon as that was the
last address, or eight seconds later), how many streams it opened, and how many datagrams came where it strayed to.
"""

import asyncio
import json
import sys

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.logger import QuicLogger


# Longer than the first three probe timeouts of a connection on one machine: an answer would have come.
STRAY_SECONDS = 1.5


class Counting(QuicConnectionProtocol):
    """Counts the datagrams that come."""

    datagrams = 0

    def datagram_received(self, data, addr):
        self.datagrams += 1
        super().datagram_received(data, addr)


class MovingClient:
    """A connection whose socket can be replaced by another one."""

    def __init__(self, configuration):
        self.protocol = Counting(QuicConnection(configuration=configuration))
        self.transport = None
        self.streams = 0
        self.answers_to_stray = 0

    async def come_from(self, address):
        old = self.transport
        self.transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self.protocol, local_addr=(address, 0)
        )
        if old:
            old.close()

    async def connect(self, host, port):
        self.protocol.connect((host, port))
        await self.protocol.wait_connected()

    async def open(self):
        self.streams += 1
        return await self.protocol.create_stream()

    async def migrate(self, address):
        await self.come_from(address)
        self.protocol.change_connection_id()

    async def stray(self, address, home):
        await self.migrate(address)
        before = self.protocol.datagrams
        await asyncio.sleep(STRAY_SECONDS)
        self.answers_to_stray += self.protocol.datagrams - before
        await self.migrate(home)

    async def ask(self):
        """The address that a backend sees on a new stream."""
        reader, writer = await self.open()
        writer.write(b"?")
        writer.write_eof()
        return greeting(await reader.read())[0]


def greeting(said):
    line, _, echo = said.partition(b"\n")
    return line.decode().split(" ")[1].rpartition(":")[0], echo


async def transfer(client, content, moves):
    """Sends and receives at a time, and moves at even distances of what has come back."""
    reader, writer = await client.open()
    writer.write(content)
    writer.write_eof()
    said, distance = b"", len(content) // (len(moves) + 1)
    for move in moves:
        until = len(said) + distance
        while len(said) < until:
            said += await reader.read(65536)
        await move()
    return greeting(said + await reader.read())


async def main():
    host, port, server_name, ca_file, kind, size, first, *others = sys.argv[1:]
    logger = QuicLogger()
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=["moving/0"], server_name=server_name, quic_logger=logger
    )
    configuration.load_verify_locations(ca_file)
    client = MovingClient(configuration)
    await client.come_from(first)
    await client.connect(host, int(port))

    kinds = {
        "rebinding": client.come_from,
        "migration": client.migrate,
        "straying": lambda address: client.stray(address, first),
    }

    def to(address):
        return lambda: kinds[kind](address)

    home = first if kind == "straying" else [first, *others][-1]
    content = bytes((at * 31 + at // 251) % 256 for at in range(int(size)))
    seen, echo = await transfer(client, content, [to(address) for address in others])
    right_after = later = await client.ask()
    deadline = asyncio.get_running_loop().time() + 8
    while later != home and asyncio.get_running_loop().time() < deadline:
        later = await client.ask()
    client.protocol.close()
    events = [event for trace in logger.to_dict()["traces"] for event in trace["events"]]
    received = [event["data"]["frames"] for event in events if event["name"] == "transport:packet_received"]
    print(
        json.dumps(
            {
                "whole": echo == content,
                "came_back": len(echo),
                "challenges": sum(frame["frame_type"] == "path_challenge" for frames in received for frame in frames),
                "seen": seen,
                "seen_right_after": right_after,
                "seen_later": later,
                "streams": client.streams,
                "answers_to_stray": client.answers_to_stray,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(), timeout=60))
