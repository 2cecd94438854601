"""A client as the worker sees it: what it has sent, what it is to be sent, and until when."""

import selectors
import socket
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False, slots=True)
class Connection:
    """A client: what it has sent, what it has yet to be sent, and until when."""

    sock: socket.socket
    address: Any
    deadline: float
    arrived: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)
    last: bool = False
    lingering: bool = False
    continued: bool = False
    events: int = 0
    # When its request was whole.
    since: float = 0.0

    @classmethod
    def accept(cls, listener: socket.socket, deadline: float) -> "Connection":
        """Take the next client of `listener`; it has until `deadline` to send a request."""
        sock, address = listener.accept()
        sock.setblocking(False)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock, address, deadline)

    def watch(self, poller: selectors.BaseSelector, events: int) -> None:
        """Let `poller` tell of these events alone; of none where it is 0."""
        if events == self.events:
            return
        if not self.events:
            poller.register(self.sock, events, self)
        elif not events:
            poller.unregister(self.sock)
        else:
            poller.modify(self.sock, events, self)
        self.events = events
