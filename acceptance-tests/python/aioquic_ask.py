"""Sends a text on one QUIC stream with aioquic and prints what comes back.

Arguments: host, port, server name, CA file, source port (0 = any), text.
"""

import asyncio
import sys

from aioquic.asyncio.client import connect
from aioquic.quic.configuration import QuicConfiguration


async def main():
    host, port, server_name, ca_file, source_port, text = sys.argv[1:]
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["anything/0"], server_name=server_name)
    configuration.load_verify_locations(ca_file)
    async with connect(host, int(port), configuration=configuration, local_port=int(source_port)) as client:
        reader, writer = await client.create_stream()
        writer.write(text.encode())
        writer.write_eof()
        sys.stdout.write((await reader.read()).decode())


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(), timeout=30))
