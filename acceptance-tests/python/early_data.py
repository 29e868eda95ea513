"""aioquic sends early data (0-RTT): on a session that allows it, and on one that does not.

Arguments: host, port, server name, CA file. Prints JSON: whether the session allowed it, whether it was accepted, and what
came back for it. What a session does not allow is sent after the handshake, as any client does.
"""

import json
import sys

from aioquic_peer import Listener, Peer

CONTENT = b"as early as can be"


def main():
    listener = Listener(*sys.argv[1:])
    tickets = []
    first = Peer(listener, session_ticket_handler=tickets.append).confirmed()
    first.until(lambda: tickets)
    first.goodbye()
    second = Peer(listener, session_ticket=tickets[-1])
    answer = second.ask(CONTENT)
    tls = second.connection.tls
    print(
        json.dumps(
            {
                "allowed": bool(tickets[-1].max_early_data_size),
                "resumed": tls.session_resumed,
                "accepted": tls.early_data_accepted,
                "whole": answer.endswith(b"\n" + CONTENT),
            }
        )
    )
    second.goodbye()


if __name__ == "__main__":
    main()
