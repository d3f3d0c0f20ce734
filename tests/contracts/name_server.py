"""A name server on the loopback interface, whose zones are written in a test."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Zones:
    """What the server knows: records by name and kind. A name without any does not exist."""

    records: Mapping[str, Mapping[str, list[str]]]
    broken: set[str] = field(default_factory=set)
    """Names about which the server says that it failed (SERVFAIL)."""
    silent: set[str] = field(default_factory=set)
    """Names about which it says nothing."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    pause: float = 0.0

    def answer(self, wire: bytes) -> bytes | None:
        question = dns.message.from_wire(wire)
        [asked] = question.question
        name, kind = str(asked.name).rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        time.sleep(self.pause)
        if name in self.silent:
            return None
        reply = dns.message.make_response(question, recursion_available=True)
        if name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.records:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in self.records[name]:
            reply.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, self.records[name][kind]))
        return reply.to_wire()


@contextmanager
def name_server(zones: Zones) -> Iterator[int]:
    """Answer questions by UDP and TCP, on the port that is given."""

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, sock = self.request
            if (answer := zones.answer(wire)) is not None:
                if len(answer) > 1232:
                    cut = dns.message.make_response(dns.message.from_wire(wire))
                    cut.flags |= dns.flags.TC
                    answer = cut.to_wire()
                sock.sendto(answer, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2))
            if (answer := zones.answer(self.rfile.read(length))) is not None:
                self.wfile.write(len(answer).to_bytes(2) + answer)

    for _ in range(20):
        streams = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stream)
        port = streams.server_address[1]
        try:
            datagrams = socketserver.ThreadingUDPServer(("127.0.0.1", port), Datagram)
            break
        except OSError:  # the port is somebody's for datagrams
            streams.server_close()
    for server in (datagrams, streams):
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield port
    for server in (datagrams, streams):
        server.shutdown()
        server.server_close()
