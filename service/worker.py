"""The worker process: gunicorn's parser behind an event loop in which no client can hold up another.

Bytes are collected and sent by the loop; a request is parsed when all of it has arrived, so a slow client costs a
socket and no thread.  Ordinary requests are answered in the loop; those over `_INLINE_BYTES` by a thread, so that a
large batch doesn't hold up small ones; a third waits for the database.  What can't be answered soon is refused at once.
"""

import contextlib
import errno
import math
import os
import selectors
import signal
import socket
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.base import Worker

from service import exchange, framing, refusals
from service.connection import Connection
from service.settings import Settings

#: What a worker is told by signals.
WORKER_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
_INLINE_BYTES = 16 << 10
_THREADS = 2
_MOST_WRITES = 32
_MAX_HEAD_BYTES = 64 << 10
_CHUNK = 256 << 10
# Connections taken at once: few, so that all workers have some; many where requests wait, so that refusals come soon.
_FEW, _MANY = 2, 8
_IDLE_S = 75.0
_LOOK_EVERY_S = 0.25
_SEND_S = 20.0
# After the last answer a client has this long to take it before the socket goes.
_LINGER_S = 2.0
# How long a stopping worker waits for a request that may be under way, and for the rest of one that has begun: whoever
# stops us may kill us after ten seconds, as Docker does.
_STOP_IDLE_S, _STOP_BODY_S = 1.0, 5.0
# gunicorn kills a worker that is there when its time to stop is over.
_BEFORE_KILL_S = 1.0
# Time for handshakes under way to end before the listener closes.
_HANDSHAKE_S = 0.1


class ServiceWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """A worker for the service; a subclass carries its settings (see `service.server`)."""

    settings = Settings()
    alive: bool

    def init_process(self) -> None:
        """Make what must not be shared with the parent, then run."""
        self.poller = selectors.DefaultSelector()
        self.pool = ThreadPoolExecutor(_THREADS)
        self.writer = ThreadPoolExecutor(1)
        self.writing: set[Connection] = set()
        self.connections: set[Connection] = set()
        self.waiting: deque[Connection] = deque()
        self.finished: deque[tuple[Connection, bytes, bool]] = deque()
        self.heavy = 0
        self.listening = False
        self.next_look = 0.0
        self.idle_s, self.body_s = _IDLE_S, self.settings.body_deadline_s
        # A call for every request would be a system call for every request.
        self.place = self.sockets[0].getsockname()
        super().init_process()

    def init_signals(self) -> None:
        """Let SIGHUP take up a new model and SIGINT, which a terminal sends to all, stop as SIGTERM does."""
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)
        # Its byte in the pipe is what counts: a handler that did more could meet itself under a storm of signals.
        signal.signal(signal.SIGHUP, lambda *_: None)

    def run(self) -> None:
        """Serve until told to stop, then answer all that was accepted."""
        # Held back since before the fork; see `service.server`.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WORKER_SIGNALS)
        self.poller.register(self.PIPE[0], selectors.EVENT_READ)
        self._listen(True)
        while self.alive and os.getppid() == self.ppid:
            self._turn(1.0)
        gone = time.monotonic() + self.cfg.graceful_timeout - _BEFORE_KILL_S
        self.alive = False
        self.idle_s, self.body_s = _STOP_IDLE_S, min(self.body_s, _STOP_BODY_S)
        self._turn_for(self.settings.drain_s)
        for listener in self.sockets:
            framing.turn_away(listener)
        self._turn_for(_HANDSHAKE_S)
        self._listen(False)
        for listener in self.sockets:
            self._accept(listener, limit=1 << 16)
            listener.close()
        for connection in self.connections:
            # The others are being answered.
            if connection.events == selectors.EVENT_READ:
                connection.deadline = min(connection.deadline, self._patience(connection))
        while self.connections and time.monotonic() < gone:
            self._turn(0.05)

    def _turn_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn(0.02)

    def _turn(self, timeout: float) -> None:
        self.notify()
        for key, events in self.poller.select(0 if self.waiting or self.finished else timeout):
            if key.data is None:
                self._woken(key.fileobj)
                continue
            if events & selectors.EVENT_READ:
                self._read(key.data)
            if events & selectors.EVENT_WRITE:
                self._write(key.data)
        while self.finished:
            self.heavy -= 1
            self.writing.discard(self.finished[0][0])
            self._send(*self.finished.popleft())
        if self.waiting:
            self._answer(self.waiting.popleft())
        self._expire()

    def _listen(self, on: bool) -> None:
        if on == self.listening:
            return
        self.listening = on
        for listener in self.sockets:
            listener.setblocking(False)
            if on:
                self.poller.register(listener, selectors.EVENT_READ)
            else:
                self.poller.unregister(listener)

    def _woken(self, source: Any) -> None:
        if source != self.PIPE[0]:
            self._accept(source, _MANY if len(self.waiting) > _FEW else _FEW)
            return
        with contextlib.suppress(BlockingIOError):
            if signal.SIGHUP in os.read(self.PIPE[0], 4096):
                self.wsgi.extensions["models"].wake()

    def _accept(self, listener: socket.socket, limit: int) -> None:
        for _ in range(limit):
            # After any other worker that only waits for a processor: of sixteen connections that came at once one
            # worker took all in every other run, and the other stood idle.
            if self.connections:
                os.sched_yield()
            try:
                connection = Connection.accept(listener, time.monotonic() + self.body_s)
            except OSError as err:
                if err.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    # Out of descriptors: wait a little instead of spinning.
                    self._listen(False)
                return
            self.connections.add(connection)
            connection.watch(self.poller, selectors.EVENT_READ)
            if len(self.connections) >= self.cfg.worker_connections:
                self._listen(False)
                return
            # Its request has mostly come with it.
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        try:
            data = connection.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        if connection.lingering:
            return
        if not connection.arrived:
            connection.deadline = time.monotonic() + self.body_s
        connection.arrived += data
        self._judge(connection)

    def _judge(self, connection: Connection) -> None:
        """Put a request that has arrived whole, or that is to be refused as it is, in the queue."""
        head = connection.arrived.find(b"\r\n\r\n")
        if head < 0 and len(connection.arrived) < _MAX_HEAD_BYTES:
            return
        if head >= 0 and self._lacks(connection, head):
            return
        writes = framing.writes(connection.arrived)
        held_up = writes and len(self.writing) >= _MOST_WRITES
        if held_up or len(self.waiting) + self.heavy >= self.settings.max_waiting:
            self._refuse(connection, 503, "overloaded", "Too many requests at once; try again in a second.")
            return
        if writes:
            self.writing.add(connection)
        # Level-triggered: what else the client sends waits in the kernel until this request is answered.
        connection.watch(self.poller, 0)
        connection.deadline = math.inf
        connection.since = time.monotonic()
        self.waiting.append(connection)

    def _lacks(self, connection: Connection, head: int) -> bool:
        """Say whether more of the request is worth waiting for, and ask for it where the client waits to be asked."""
        lacks = framing.missing(connection.arrived, head, self.settings.max_body_bytes) > 0
        if lacks and not connection.continued and framing.expects_continue(connection.arrived, head):
            connection.continued = True
            with contextlib.suppress(OSError):
                connection.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return lacks

    def _answer(self, connection: Connection) -> None:
        writes = connection in self.writing
        if len(connection.arrived) <= _INLINE_BYTES and not writes:
            self._send(connection, *self._respond(connection))
            return
        self.heavy += 1
        (self.writer if writes else self.pool).submit(self._respond_aside, connection)

    def _respond_aside(self, connection: Connection) -> None:
        self.finished.append((connection, *self._respond(connection)))
        with contextlib.suppress(BlockingIOError):
            os.write(self.PIPE[1], b".")

    def _respond(self, connection: Connection) -> tuple[bytes, bool]:
        try:
            return exchange.answer(self.wsgi, connection, self.place, self.cfg, stopping=not self.alive)
        except Exception as err:
            return self.wsgi.wsgi_app.refuse(*refusals.of(err)), False

    def _refuse(self, connection: Connection, status: int, slug: str, detail: str) -> None:
        self._send(connection, self.wsgi.wsgi_app.refuse(status, slug, detail), False)

    def _send(self, connection: Connection, answer: bytes, goes_on: bool) -> None:
        connection.outgoing += answer
        connection.last = not goes_on
        connection.continued = False
        connection.deadline = time.monotonic() + _SEND_S
        self._write(connection)

    def _write(self, connection: Connection) -> None:
        try:
            sent = connection.sock.send(connection.outgoing)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(connection)
            return
        del connection.outgoing[:sent]
        if connection.outgoing:
            connection.watch(self.poller, selectors.EVENT_WRITE)
        elif connection.last:
            self._linger(connection)
        else:
            connection.deadline = self._patience(connection)
            connection.watch(self.poller, selectors.EVENT_READ)
            if connection.arrived:
                self._judge(connection)

    def _patience(self, connection: Connection) -> float:
        """Return until when we wait for the rest of a request that has begun, or for the next one to begin."""
        return time.monotonic() + (self.body_s if connection.arrived else self.idle_s)

    def _linger(self, connection: Connection) -> None:
        """Close behind the answer: at once, a reset by unread bytes could take the answer with it."""
        connection.lingering = True
        connection.deadline = time.monotonic() + _LINGER_S
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        connection.watch(self.poller, selectors.EVENT_READ)

    def _close(self, connection: Connection) -> None:
        connection.watch(self.poller, 0)
        connection.sock.close()
        self.connections.discard(connection)
        self._listen_again()

    def _listen_again(self) -> None:
        if self.alive and len(self.connections) < self.cfg.worker_connections:
            self._listen(True)

    def _expire(self) -> None:
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + _LOOK_EVERY_S
        # Descriptors may be there again although none of our connections has ended.
        self._listen_again()
        for connection in [c for c in self.connections if c.deadline < now]:
            if connection.arrived and not connection.outgoing and not connection.lingering:
                self._refuse(connection, 408, "too-slow", "The request did not arrive in time.")
            else:
                self._close(connection)
