"""The cases of the QUIC interop runner that concern a listener which forwards bytes, with aioquic as the client.

Not here: `http3` (bytes are forwarded as they are), `v2` (version 1 is the only one spoken; versionnegotiation shows what
a client of another version is told), `connectionmigration` by preferred address (none is given; aioquic_moving.py
migrates), `rebind-port` and `rebind-addr` (aioquic_moving.py), `ecn` (aioquic does not mark).

Arguments: host, port, server name, CA file. Prints JSON: case to what was seen; the test says what that has to be.
"""

import json
import random
import socket
import sys

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.tls import CipherSuite, Epoch

from aioquic_peer import Listener, Peer

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def echoed(answer, content):
    """The backend's greeting is a line; then comes what was sent."""
    return answer.partition(b"\n")[2] == content


@case
def handshake(listener):
    peer = Peer(listener).confirmed()
    peer.goodbye()
    return {"confirmed": peer.connection._handshake_confirmed}


@case
def transfer(listener):
    """Several streams at a time, each to its end."""
    peer = Peer(listener).handshake()
    contents = {}
    for size in (1, 1_000, 300_000):
        stream = peer.connection.get_next_available_stream_id()
        contents[stream] = random.Random(size).randbytes(size)
        peer.connection.send_stream_data(stream, contents[stream], end_stream=True)
    peer.until(lambda: peer.ended.issuperset(contents), patience=20)
    peer.goodbye()
    return {"whole": all(echoed(peer.received[stream], content) for stream, content in contents.items())}


@case
def chacha20(listener):
    peer = Peer(listener, cipher_suites=[CipherSuite.CHACHA20_POLY1305_SHA256]).handshake()
    answer = peer.ask(b"chacha")
    peer.goodbye()
    return {"suite": peer.connection.tls.key_schedule.cipher_suite.name, "whole": echoed(answer, b"chacha")}


@case
def keyupdate(listener):
    """Asked for by the client in the middle of a transfer."""
    peer = Peer(listener).confirmed()
    phases, whole = [], True
    for _ in range(3):
        peer.connection.request_key_update()
        content = random.Random(len(phases)).randbytes(20_000)
        whole &= echoed(peer.ask(content), content)
        phases.append(peer.connection._cryptos[Epoch.ONE_RTT].key_phase)
    peer.goodbye()
    return {"whole": whole, "phases": phases}


@case
def versionnegotiation(listener):
    """A version nobody has: the listener says which it speaks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(5)
        initial = b"\xc0\x1a\x2a\x3a\x4a\x08" + b"d" * 8 + b"\x08" + b"s" * 8
        plain.sendto(initial.ljust(1200, b"\0"), listener.address)
        answer = plain.recv(2048)
    versions = answer[1 + 4 + 1 + 8 + 1 + 8 :]
    return {
        "is_version_negotiation": answer[1:5] == bytes(4),
        "versions": [int.from_bytes(versions[at : at + 4], "big") for at in range(0, len(versions), 4)],
    }


@case
def retry(listener):
    """While many handshakes hang, a client is asked to prove its address, does so, and is served."""
    hanging = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(150):
        settings = QuicConfiguration(is_client=True, server_name=listener.server_name, alpn_protocols=["hanging/0"])
        settings.load_verify_locations(listener.ca_file)
        connection = QuicConnection(configuration=settings)
        connection.connect(listener.address, now=0)
        for datagram, _ in connection.datagrams_to_send(now=0):
            hanging.sendto(datagram, listener.address)
    # Answered means: the listener has taken up so many of them.
    hanging.settimeout(5)
    for _ in range(100):
        hanging.recv(2048)
    peer = Peer(listener).handshake()
    answer = peer.ask(b"who are you?")
    peer.goodbye()
    hanging.close()
    return {"was_asked": peer.connection._retry_source_connection_id is not None, "whole": echoed(answer, b"who are you?")}


@case
def resumption(listener):
    tickets = []
    first = Peer(listener, session_ticket_handler=tickets.append).confirmed()
    first.until(lambda: tickets)
    first.goodbye()
    second = Peer(listener, session_ticket=tickets[-1]).handshake()
    answer = second.ask(b"again")
    second.goodbye()
    return {"resumed": second.connection.tls.session_resumed, "whole": echoed(answer, b"again")}


@case
def zerortt(listener):
    """Early data is off: no ticket allows it."""
    tickets = []
    first = Peer(listener, session_ticket_handler=tickets.append).confirmed()
    first.until(lambda: tickets)
    first.goodbye()
    return {"early_data": tickets[-1].max_early_data_size or 0}


@case
def multiconnect(listener):
    """Every handshake is completed although three of ten datagrams are lost in each direction."""
    dice = random.Random(7)
    served = 0
    for _ in range(12):
        peer = Peer(listener)
        peer.passes_out = peer.passes_in = lambda datagram: dice.random() >= 0.3
        peer.until(lambda: peer.connection._handshake_complete, patience=25)
        peer.passes_out = peer.passes_in = lambda datagram: True
        served += echoed(peer.ask(b"through the rain"), b"through the rain")
        peer.goodbye()
    return {"served": served}


def main():
    listener = Listener(*sys.argv[1:])
    print(json.dumps({name: run(listener) for name, run in CASES.items()}))


if __name__ == "__main__":
    main()
