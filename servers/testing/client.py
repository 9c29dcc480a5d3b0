"""A client of a feedbench node, in Python's standard library: what PROTOCOL.md says, as a program.

    python3 client.py polling|long-polling|sse|websocket HOST:PORT [--since N] [--until N] [--cut-after N]

It listens until it has message --until, checks every checksum, comes back where its connection breaks (or where it breaks it
itself, after every --cut-after messages), and prints what it had as one JSON object.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import socket
import struct
import sys
import time
import zlib

POLL_INTERVAL_S = 0.05
TIMEOUT_S = 60  # longer than a poll is held


class Feed:
    """What came: the same for every transport."""

    def __init__(self, since, until):
        self.last = since
        self.until = until
        self.seqs = []
        self.notices = []
        self.corrupted = 0
        self.connections = 0

    @property
    def query(self):
        return "" if self.last is None else f"?since={self.last}"

    @property
    def complete(self):
        return self.last is not None and self.until is not None and self.last >= self.until

    def take(self, line):
        entry = json.loads(line)
        if "seq" in entry:
            covered = line[line.index(b",") + 1 : line.rindex(b',"crc":"')]
            self.corrupted += f"{zlib.crc32(covered):08x}" != entry["crc"]
            self.seqs.append(entry["seq"])
            self.last = entry["seq"]
        elif entry["notice"] == "gap":
            self.notices.append(entry)
            self.last = entry["to"]
        elif entry["notice"] == "reset":
            self.notices.append(entry)
            self.last = entry["latest"]
        else:
            raise ValueError(f"neither a message nor a notice: {line!r}")


def poll(feed, address, path, interval_s):
    """One connection's worth of polls; yields after each entry."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    try:
        while True:
            connection.request("GET", f"{path}{feed.query}")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise ConnectionError(f"{answer.status}: {body.decode()}")
            for line in body[1:-1].split(b",\n") if len(body) > 2 else []:
                feed.take(line)
                yield
            time.sleep(interval_s)
    finally:
        connection.close()


def stream(feed, address):
    """One event stream (HTML Standard, "Server-sent events"); yields after each entry. All that is sent is data and ids."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    try:
        # Last-Event-ID goes before what the query says.
        headers = {} if feed.last is None else {"Last-Event-ID": str(feed.last)}
        connection.request("GET", "/events?since=0", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200 or answer.headers.get_content_type() != "text/event-stream":
            raise ConnectionError(f"{answer.status}: {answer.read().decode()}")
        data = last_id = None
        for line in answer:
            name, _, value = line.rstrip(b"\n").partition(b": ")
            if name == b"data":
                data = value
            elif name == b"id":
                last_id = int(value)
            elif name == b"" and data is not None and value == b"":
                feed.take(data)
                if feed.last != last_id:
                    raise ValueError(f"the id {last_id} is not where to go on from, which is {feed.last}")
                data = None
                yield
        raise ConnectionError("the stream ended")
    finally:
        connection.close()


def listen(feed, address):
    """One WebSocket; yields after each entry."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), TIMEOUT_S) as raw:
        stream = raw.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        raw.sendall(
            f"GET /ws{feed.query} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: json\r\n\r\n".encode()
        )
        check_handshake(stream, key)
        text = b""
        while True:
            first, second = read(stream, 2)
            length = second & 0x7F
            if length > 125:
                (length,) = struct.unpack(">H", read(stream, 2)) if length == 126 else struct.unpack(">Q", read(stream, 8))
            payload = read(stream, length)
            opcode = first & 0x0F
            if opcode == 0x8:
                send(raw, 0x8, payload[:2])
                raise ConnectionError(f"closed with {payload[:2].hex()}: {payload[2:].decode()}")
            if opcode == 0x9:
                send(raw, 0xA, payload)
            elif opcode in (0x0, 0x1):
                text += payload
                if first & 0x80:
                    feed.take(text)
                    text = b""
                    yield


def check_handshake(stream, key):
    status = stream.readline().decode()
    headers = http.client.parse_headers(stream)
    accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    if " 101 " not in status:
        raise ConnectionError(status.strip())
    if headers["Sec-WebSocket-Accept"] != accept or headers["Sec-WebSocket-Protocol"] != "json":
        raise ValueError(f"not what was asked for: {dict(headers)}")


def read(stream, length):
    data = stream.read(length)
    if len(data) < length:
        raise ConnectionError("the connection broke")
    return data


def send(raw, opcode, payload):
    """A short frame; what a client sends is masked (RFC 6455, section 5.3)."""
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    raw.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)


def connect(transport, feed, address):
    if transport == "websocket":
        return listen(feed, address)
    if transport == "sse":
        return stream(feed, address)
    if transport == "polling":
        return poll(feed, address, "/messages", POLL_INTERVAL_S)
    return poll(feed, address, "/next", 0)


def run(arguments):
    feed = Feed(arguments.since, arguments.until)
    failures = 0
    while not feed.complete and failures < 5:
        feed.connections += 1
        try:
            for count, _ in enumerate(connect(arguments.transport, feed, arguments.address), 1):
                failures = 0
                if feed.complete or count == arguments.cut_after:
                    break
        except (OSError, http.client.HTTPException) as error:
            failures += 1
            print(error, file=sys.stderr)
            time.sleep(random.uniform(0, 0.1 * 2**failures))
    return {
        "seqs": feed.seqs,
        "notices": feed.notices,
        "corrupted": feed.corrupted,
        "connections": feed.connections,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("transport", choices=["polling", "long-polling", "sse", "websocket"])
    parser.add_argument("address")
    parser.add_argument("--since", type=int)
    parser.add_argument("--until", type=int, required=True)
    parser.add_argument("--cut-after", type=int)
    print(json.dumps(run(parser.parse_args())))
