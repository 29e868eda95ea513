"""Clients that break the rules of QUIC's transport and of TLS, one rule each, and the error each is answered with.

The cases are those that h3spec lists for the transport, and some beside; each says which paragraph it breaks. Two of
h3spec's have no place here: an offer of application protocols that nobody shares (a listener that forwards bytes takes
any), and CRYPTO frames in 0-RTT packets (early data is off: the packets cannot be read).

Arguments: host, port, server name, CA file. Prints JSON: how many cases there were, those that were answered with another
code than is due (null where the connection was not closed), and whether the listener serves afterwards.
"""

import json
import sys

from aioquic.quic.packet import QuicErrorCode
from aioquic.tls import Epoch

from aioquic_peer import Listener, Peer, var

FLOW_CONTROL_ERROR = QuicErrorCode.FLOW_CONTROL_ERROR
STREAM_LIMIT_ERROR = QuicErrorCode.STREAM_LIMIT_ERROR
STREAM_STATE_ERROR = QuicErrorCode.STREAM_STATE_ERROR
FINAL_SIZE_ERROR = QuicErrorCode.FINAL_SIZE_ERROR
FRAME_ENCODING_ERROR = QuicErrorCode.FRAME_ENCODING_ERROR
TRANSPORT_PARAMETER_ERROR = QuicErrorCode.TRANSPORT_PARAMETER_ERROR
CONNECTION_ID_LIMIT_ERROR = QuicErrorCode.CONNECTION_ID_LIMIT_ERROR
PROTOCOL_VIOLATION = QuicErrorCode.PROTOCOL_VIOLATION
CRYPTO_BUFFER_EXCEEDED = QuicErrorCode.CRYPTO_BUFFER_EXCEEDED
# TLS alerts as QUIC carries them: 0x100 and the alert (RFC 9001, 4.8).
UNEXPECTED_MESSAGE = 0x100 + 10
MISSING_EXTENSION = 0x100 + 109

# Name to the code that is due and the function that provokes it.
CASES = {}


def case(code):
    def enter(function):
        CASES[function.__name__] = code, function
        return function

    return enter


# ---- frames, after the handshake ----

# Ids of streams: our first, one that the server would have opened, ours of one direction, the server's of one direction.
OURS, SERVERS, OUR_UNI, SERVER_UNI = 0, 1, 2, 3

FRAMES = {
    # RFC 9000, 4.1
    "stream_data_beyond_the_window": (FLOW_CONTROL_ERROR, var(0x0C | 0x02, OURS, 2**40, 1) + b"x"),
    "stream_offset_beyond_the_largest": (FLOW_CONTROL_ERROR, var(0x0C | 0x02, OURS, 2**62 - 1, 1) + b"x"),
    # 4.5
    "a_final_size_that_shrinks": (FINAL_SIZE_ERROR, var(0x0A, OURS, 10) + b"0123456789" + var(0x04, OURS, 0, 5)),
    "data_behind_the_final_size": (FINAL_SIZE_ERROR, var(0x0B, OURS, 1) + b"x" + var(0x0E, OURS, 5, 1) + b"y"),
    # 4.6
    "a_stream_beyond_the_limit": (STREAM_LIMIT_ERROR, var(0x0A, 4 * 1_000_000, 1) + b"x"),
    "a_unidirectional_stream": (STREAM_LIMIT_ERROR, var(0x0A, OUR_UNI, 1) + b"x"),
    # 12.4
    "an_unknown_frame": (FRAME_ENCODING_ERROR, var(0x21)),
    # 19.11, 19.14, 19.15
    "max_streams_beyond_the_largest": (FRAME_ENCODING_ERROR, var(0x12, 2**60 + 1)),
    "streams_blocked_beyond_the_largest": (FRAME_ENCODING_ERROR, var(0x16, 2**60 + 1)),
    "a_new_connection_id_that_retires_more_than_there_are": (FRAME_ENCODING_ERROR, var(0x18, 1, 2) + b"\x08" + b"c" * 8 + b"t" * 16),
    "a_new_connection_id_of_no_length": (FRAME_ENCODING_ERROR, var(0x18, 1, 0) + b"\x00" + b"t" * 16),
    "a_new_connection_id_that_is_too_long": (FRAME_ENCODING_ERROR, var(0x18, 1, 0) + b"\x15" + b"c" * 21 + b"t" * 16),
    # 5.1.1
    "more_connection_ids_than_allowed": (CONNECTION_ID_LIMIT_ERROR, b"".join(
        var(0x18, number, 0) + b"\x08" + bytes([number]) * 8 + bytes([number]) * 16 for number in range(8, 40)
    )),
    # 19.16
    "retiring_a_connection_id_that_was_never_given": (PROTOCOL_VIOLATION, var(0x19, 1000)),
    # 19.7, 19.20
    "new_token_from_a_client": (PROTOCOL_VIOLATION, var(0x07, 4) + b"tokn"),
    "handshake_done_from_a_client": (PROTOCOL_VIOLATION, var(0x1E)),
    # 13.1
    "an_acknowledgement_of_what_was_never_sent": (PROTOCOL_VIOLATION, var(0x02, 2**20, 0, 0, 0)),
    # 19.4, 19.5, 19.8, 19.10, 19.13
    "reset_stream_of_a_stream_that_only_sends": (STREAM_STATE_ERROR, var(0x04, SERVER_UNI, 0, 0)),
    "stream_data_blocked_of_a_stream_that_only_sends": (STREAM_STATE_ERROR, var(0x15, SERVER_UNI, 0)),
    "stream_data_on_a_stream_that_only_sends": (STREAM_STATE_ERROR, var(0x0A, SERVER_UNI, 1) + b"x"),
    "stream_data_on_a_stream_nobody_opened": (STREAM_STATE_ERROR, var(0x0A, SERVERS, 1) + b"x"),
    "stop_sending_of_a_stream_nobody_opened": (STREAM_STATE_ERROR, var(0x05, SERVERS, 0)),
    "max_stream_data_of_a_stream_nobody_opened": (STREAM_STATE_ERROR, var(0x11, SERVERS, 1000)),
    "stop_sending_of_a_stream_that_only_receives": (STREAM_STATE_ERROR, var(0x05, OUR_UNI, 0)),
    "max_stream_data_of_a_stream_that_only_receives": (STREAM_STATE_ERROR, var(0x11, OUR_UNI, 1000)),
    # RFC 9221, 3: none is allowed
    "a_datagram_frame": (PROTOCOL_VIOLATION, var(0x31, 3) + b"abc"),
    # RFC 9001, 6: a KeyUpdate message of TLS
    "a_key_update_message_of_tls": (UNEXPECTED_MESSAGE, var(0x06, 0, 5) + b"\x18\x00\x00\x01\x00"),
    # 7.5
    "crypto_data_far_ahead": (CRYPTO_BUFFER_EXCEEDED, var(0x06, 2**24, 4) + b"data"),
}


def sending(frames):
    def provoke(listener):
        peer = Peer(listener).confirmed()
        peer.send_frames(frames)
        return peer.ending()

    return provoke


for name, (code, frames) in FRAMES.items():
    CASES[name] = code, sending(frames)


@case(PROTOCOL_VIOLATION)
def a_packet_without_frames(listener):
    """RFC 9000, 12.4"""
    peer = Peer(listener).confirmed()
    peer.send_frames(b"", padded=False)
    return peer.ending()


@case(PROTOCOL_VIOLATION)
def reserved_bits_in_a_short_header(listener):
    """RFC 9000, 17.3.1"""
    peer = Peer(listener).confirmed()
    peer.send_frames(var(0x01), reserved=0x18)
    return peer.ending()


# ---- in the handshake ----


def with_handshake_keys(listener):
    """A client that has the server's flight and has not answered it."""
    peer = Peer(listener)
    peer.flush()
    silence, peer.flush = peer.flush, lambda: None
    peer.until(lambda: Epoch.HANDSHAKE in peer.connection._cryptos and peer.connection._cryptos[Epoch.HANDSHAKE].send.is_valid())
    peer.flush = silence
    return peer


@case(PROTOCOL_VIOLATION)
def reserved_bits_in_a_long_header(listener):
    """RFC 9000, 17.2"""
    peer = with_handshake_keys(listener)
    peer.send_handshake_frames(var(0x01), reserved=0x0C)
    return peer.ending()


@case(PROTOCOL_VIOLATION)
def a_path_challenge_in_a_handshake_packet(listener):
    """RFC 9000, 12.5"""
    peer = with_handshake_keys(listener)
    peer.send_handshake_frames(var(0x1A) + b"12345678")
    return peer.ending()


@case(PROTOCOL_VIOLATION)
def a_stream_in_a_handshake_packet(listener):
    """RFC 9000, 12.5"""
    peer = with_handshake_keys(listener)
    peer.send_handshake_frames(var(0x0A, OURS, 1) + b"x")
    return peer.ending()


@case(UNEXPECTED_MESSAGE)
def end_of_early_data(listener):
    """RFC 9001, 8.3"""
    peer = with_handshake_keys(listener)
    peer.send_handshake_frames(var(0x06, 0, 4) + b"\x05\x00\x00\x00")
    return peer.ending()


@case(MISSING_EXTENSION)
def no_transport_parameters(listener):
    """RFC 9001, 8.2"""
    return Peer(listener, extensions=lambda extensions: extensions.clear()).ending()


# ---- transport parameters: RFC 9000, 7.3 and 18.2 ----


def missing(number):
    return lambda parameters: parameters.pop(number, None)


def being(number, value):
    return lambda parameters: parameters.update({number: value})


PARAMETERS = {
    "initial_source_connection_id_missing": missing(0x0F),
    "initial_source_connection_id_of_another": being(0x0F, b"somebody"),
    "original_destination_connection_id_from_a_client": being(0x00, b"original"),
    "preferred_address_from_a_client": being(0x0D, b"\0" * 4 + b"\0" * 2 + b"\0" * 18 + b"\x04cids" + b"t" * 16),
    "retry_source_connection_id_from_a_client": being(0x10, b"retrysrc"),
    "stateless_reset_token_from_a_client": being(0x02, b"t" * 16),
    "max_udp_payload_size_below_1200": being(0x03, var(1199)),
    "ack_delay_exponent_above_20": being(0x0A, var(21)),
    "max_ack_delay_of_16384": being(0x0B, var(2**14)),
    "active_connection_id_limit_below_2": being(0x0E, var(1)),
    "initial_max_streams_beyond_the_largest": being(0x08, var(2**60 + 1)),
    "a_number_that_ends_early": being(0x04, b"\xc0"),
}


def offering(change):
    return lambda listener: Peer(listener, parameters=change).ending()


for name, change in PARAMETERS.items():
    CASES[name] = TRANSPORT_PARAMETER_ERROR, offering(change)


def main():
    listener = Listener(*sys.argv[1:])
    wrong = {}
    for name, (due, provoke) in CASES.items():
        got = provoke(listener)
        if got != due:
            wrong[name] = {"due": int(due), "got": got}
    print(json.dumps({"cases": len(CASES), "wrong": wrong, "serves": listener.serves()}))


if __name__ == "__main__":
    main()
