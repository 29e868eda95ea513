"""Clients that keep to the letter of QUIC and behave badly, and clients that send too much of everything.

Arguments: host, port, server name, CA file. Prints JSON: case to what was seen; the test says what that has to be. After
each case a client with good manners has to be served.
"""

import json
import socket
import sys
import time

from aioquic.quic.packet import QuicErrorCode

from aioquic_peer import Listener, Peer, var

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


@case
def streams_that_trickle(listener):
    """Fifty streams of one connection say a byte now and then; others are served meanwhile, and so are they."""
    slow = Peer(listener).handshake()
    streams = [slow.connection.get_next_available_stream_id() + 4 * number for number in range(50)]
    for byte in range(5):
        for stream in streams:
            slow.connection.send_stream_data(stream, b"x", end_stream=byte == 4)
        slow.flush()
        if not listener.serves():
            return {"others_served": False}
    slow.until(lambda: slow.ended.issuperset(streams))
    slow.goodbye()
    return {"others_served": True, "whole": sum(slow.received[stream].endswith(b"\nxxxxx") for stream in streams)}


@case
def streams_opened_and_reset(listener):
    """A thousand streams, each reset at once: rapid reset. Either the client is cut off or it is borne."""
    rude = Peer(listener).confirmed()
    opened = 0
    deadline = time.monotonic() + 10
    while opened < 1000 and rude.close is None and time.monotonic() < deadline:
        limit = rude.connection._remote_max_streams_bidi
        while opened < min(limit, 1000):
            stream = rude.connection.get_next_available_stream_id()
            rude.connection.send_stream_data(stream, b"x")
            rude.connection.reset_stream(stream, 1)
            opened += 1
        rude.step(0.05)
    rude.goodbye()
    return {"cut_off": rude.close is not None, "opened": opened}


@case
def connections_left_alone(listener):
    """Two hundred clients that complete the handshake and are never heard of again."""
    for _ in range(200):
        Peer(listener).handshake().socket.close()
    return {}


@case
def datagrams_too_small_for_an_initial(listener):
    """RFC 9000, 14.1: less than 1200 bytes are not answered."""
    peer = Peer(listener)
    first = peer.connection.datagrams_to_send(now=time.monotonic())[0][0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(0.3)
        plain.sendto(first[:1199], listener.address)
        try:
            return {"answered": len(plain.recv(2048))}
        except socket.timeout:
            return {"answered": 0}


@case
def a_token_of_a_thousand_bytes(listener):
    """One that the listener never gave is worth nothing and does no harm."""
    peer = Peer(listener, token=b"t" * 1000).handshake()
    answer = peer.ask(b"with a token")
    peer.goodbye()
    return {"served": answer.endswith(b"\nwith a token")}


@case
def connection_ids_of_twenty_bytes(listener):
    peer = Peer(listener, connection_id_length=20).handshake()
    answer = peer.ask(b"long ids")
    peer.goodbye()
    return {"served": answer.endswith(b"\nlong ids")}


@case
def a_first_destination_id_of_four_bytes(listener):
    """RFC 9000, 7.2: it has at least eight."""
    return {"code": Peer(listener, connection_id_length=4).ending()}


@case
def a_flood_of_path_challenges(listener):
    """Each is answered at most once, and the answers are bounded (RFC 9000, 8.2.2)."""
    peer = Peer(listener).confirmed()
    for number in range(300):
        peer.send_frames(b"".join(var(0x1A) + (number * 50 + at).to_bytes(8, "big") for at in range(50)))
    answer = peer.ask(b"after the flood")
    peer.goodbye()
    return {"served": answer.endswith(b"\nafter the flood")}


@case
def a_flood_of_pings_and_of_frames_that_say_nothing(listener):
    peer = Peer(listener).confirmed()
    for _ in range(300):
        # PING, MAX_DATA that lowers the limit, DATA_BLOCKED, STREAMS_BLOCKED.
        peer.send_frames((var(0x01) + var(0x10, 0) + var(0x14, 0) + var(0x16, 0)) * 100)
    answer = peer.ask(b"after the flood")
    peer.goodbye()
    return {"served": answer.endswith(b"\nafter the flood")}


@case
def a_stream_in_pieces_with_a_hole(listener):
    """A thousand pieces of one byte with holes between them, and never the first byte: bounded by the window."""
    peer = Peer(listener).confirmed()
    for number in range(1000):
        peer.send_frames(var(0x0E, 0, 1 + 2 * number, 1) + b"x")
    code = peer.close and peer.close.error_code
    peer.until(lambda: False, patience=0.2)
    peer.goodbye()
    return {"code": None if code in (None, QuicErrorCode.NO_ERROR) else code}


def main():
    listener = Listener(*sys.argv[1:])
    seen = {}
    for name, run in CASES.items():
        seen[name] = run(listener)
        seen[name]["serves"] = listener.serves()
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
