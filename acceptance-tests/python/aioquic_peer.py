"""A QUIC client on aioquic without an event loop: the caller says when something is sent, and what.

Beside what aioquic would do, a case can change the transport parameters, the TLS extensions and the datagrams, and send
packets of its own with the connection's keys. Not for speed.
"""

import socket
import time

from aioquic.buffer import Buffer, encode_uint_var
from aioquic.quic import events
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.tls import Epoch

VERSION_1 = (1).to_bytes(4, "big")
# How long a case waits for something to happen; only one that fails waits so long.
PATIENCE = 5


class Peer:
    """One connection from one socket."""

    def __init__(self, listener, parameters=None, extensions=None, session_ticket_handler=None, **configuration):
        """`parameters` changes a dictionary of transport parameters (id to bytes), `extensions` the list of the
        ClientHello's further extensions."""
        self.listener = listener
        configuration.setdefault("alpn_protocols", ["peer/0"])
        settings = QuicConfiguration(is_client=True, server_name=listener.server_name, **configuration)
        settings.load_verify_locations(listener.ca_file)
        self.connection = QuicConnection(configuration=settings, session_ticket_handler=session_ticket_handler)
        self.events = []
        self.close = None
        self.received = {}
        self.ended = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        # Filters of what is sent and what has come: each takes a datagram and says whether it passes.
        self.passes_out = self.passes_in = lambda datagram: True
        if parameters:
            self._change_parameters(parameters)
        if extensions:
            self._change_extensions(extensions)
        self.connection.connect(listener.address, now=time.monotonic())

    def _change_parameters(self, change):
        serialize = self.connection._serialize_transport_parameters

        def changed():
            parameters = read_parameters(serialize())
            change(parameters)
            return b"".join(parameter(number, value) for number, value in parameters.items())

        self.connection._serialize_transport_parameters = changed

    def _change_extensions(self, change):
        initialize = self.connection._initialize

        def changed(peer_cid):
            initialize(peer_cid)
            change(self.connection.tls.handshake_extensions)

        self.connection._initialize = changed

    # ---- what aioquic does ----

    def flush(self):
        for datagram, _ in self.connection.datagrams_to_send(now=time.monotonic()):
            if self.passes_out(datagram):
                self.socket.sendto(datagram, self.listener.address)

    def step(self, patience):
        """Sends what there is to send, waits for at most one datagram, and lets time pass."""
        self.flush()
        timer = self.connection.get_timer()
        wait = patience if timer is None else min(patience, max(timer - time.monotonic(), 0))
        self.socket.settimeout(max(wait, 0.0005))
        try:
            datagram, address = self.socket.recvfrom(65536)
            if self.passes_in(datagram):
                self.connection.receive_datagram(datagram, address, now=time.monotonic())
        except (socket.timeout, BlockingIOError):
            if timer is not None and timer <= time.monotonic():
                self.connection.handle_timer(now=time.monotonic())
        while (event := self.connection.next_event()) is not None:
            self._take(event)
        # The event comes only when the connection has drained.
        self.close = self.connection._close_event

    def _take(self, event):
        self.events.append(event)
        if isinstance(event, events.StreamDataReceived):
            self.received[event.stream_id] = self.received.get(event.stream_id, b"") + event.data
            if event.end_stream:
                self.ended.add(event.stream_id)
        elif isinstance(event, events.StreamReset):
            self.ended.add(event.stream_id)

    def until(self, what, patience=PATIENCE):
        """Goes on until `what()` is true, the connection has ended or patience has; returns whether it is true."""
        deadline = time.monotonic() + patience
        while not what() and self.close is None and time.monotonic() < deadline:
            self.step(deadline - time.monotonic())
        return what()

    def saw(self, kind):
        return any(isinstance(event, kind) for event in self.events)

    def handshake(self):
        """Completes the handshake, as far as the client knows of it; keys of its own packets are then good."""
        self.until(lambda: self.saw(events.HandshakeCompleted))
        self.flush()
        return self

    def confirmed(self):
        """Completes the handshake so that the server, too, is known to have done so."""
        self.handshake()
        self.until(lambda: self.connection._handshake_confirmed)
        self.flush()
        return self

    def ask(self, content):
        """Sends `content` on a new stream, ends it and returns what came back."""
        stream = self.connection.get_next_available_stream_id()
        self.connection.send_stream_data(stream, content, end_stream=True)
        self.until(lambda: stream in self.ended)
        return self.received.get(stream, b"")

    def goodbye(self):
        if self.close is None:
            self.connection.close()
            self.flush()
        self.socket.close()

    def ending(self, patience=PATIENCE):
        """How the server ended the connection: its code, or None if it did not."""
        self.until(lambda: self.close is not None, patience)
        self.socket.close()
        return None if self.close is None else self.close.error_code

    # ---- packets of our own ----

    def send_frames(self, frames, reserved=0, padded=True):
        """One 1-RTT packet with these frames. `reserved` are the reserved bits of its first byte."""
        number = self._next_number()
        phase = self.connection._cryptos[Epoch.ONE_RTT].key_phase << 2
        header = bytes([0x40 | reserved | phase | 3]) + self.connection._peer_cid.cid + number.to_bytes(4, "big")
        self._send(Epoch.ONE_RTT, header, frames, number, padded)

    def send_handshake_frames(self, frames, reserved=0):
        """One Handshake packet with these frames."""
        number = self._next_number()
        theirs, ours = self.connection._peer_cid.cid, self.connection.host_cid
        ids = bytes([len(theirs)]) + theirs + bytes([len(ours)]) + ours
        length = (4 + len(frames) + 16 | 0x4000).to_bytes(2, "big")
        header = bytes([0xE0 | reserved | 3]) + VERSION_1 + ids + length + number.to_bytes(4, "big")
        self._send(Epoch.HANDSHAKE, header, frames, number, padded=False)

    def _next_number(self):
        number = self.connection._packet_number
        self.connection._packet_number += 1
        return number

    def _send(self, epoch, header, frames, number, padded):
        # PADDING frames, so that a short packet is not a stateless reset's length.
        frames += b"\0" * max(0, 24 - len(frames)) if padded else b""
        crypto = self.connection._cryptos[epoch]
        self.socket.sendto(crypto.encrypt_packet(header, frames, number), self.listener.address)


class Listener:
    """What is to be known of the listener under test."""

    def __init__(self, host, port, server_name, ca_file):
        self.address, self.server_name, self.ca_file = (host, int(port)), server_name, ca_file

    def serves(self, text=b"still there?"):
        """Whether a client with good manners gets its bytes back."""
        peer = Peer(self).handshake()
        answer = peer.ask(text)
        peer.goodbye()
        return answer.endswith(b"\n" + text)


def read_parameters(encoded):
    """Transport parameters as a dictionary of id to bytes."""
    buffer, parameters = Buffer(data=encoded), {}
    while not buffer.eof():
        number = buffer.pull_uint_var()
        parameters[number] = buffer.pull_bytes(buffer.pull_uint_var())
    return parameters


def parameter(number, value):
    return encode_uint_var(number) + encode_uint_var(len(value)) + value


def var(*numbers):
    """Numbers as QUIC writes them in frames."""
    return b"".join(encode_uint_var(number) for number in numbers)
