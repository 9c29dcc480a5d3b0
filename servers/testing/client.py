"""A client of a feedbench node, in Python's standard library: what PROTOCOL.md says, as a program.

    python3 client.py polling|long-polling|sse|websocket HOST:PORT [--since N] [--until N] [--cut-after N]
                      [--binary] [--compressed]

--binary wants binary frames of a WebSocket, --compressed gzip or permessage-deflate. It listens until it has message --until, checks every checksum, comes back where its connection breaks (or where it breaks it
itself, after every --cut-after messages), and prints what it had as one JSON object.
"""

import argparse
import base64
import gzip
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
        self.compressed = 0

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
            self.take_message(entry["seq"], f"{zlib.crc32(covered):08x}" == entry["crc"])
        elif entry["notice"] == "gap":
            self.notices.append(entry)
            self.last = entry["to"]
        elif entry["notice"] == "reset":
            self.notices.append(entry)
            self.last = entry["latest"]
        else:
            raise ValueError(f"neither a message nor a notice: {line!r}")

    def take_binary(self, message):
        if message[:1] == b"N":
            self.take(message[1:])
            return
        kind, seq, crc, due_ns, published_ns = struct.unpack_from(">cQIQQ", message)
        data, intact = json.loads(message[29:]), zlib.crc32(message[13:]) == crc
        if kind != b"M" or not 0 < due_ns <= published_ns:
            raise ValueError(f"neither a message nor a notice: {message!r}")
        self.take_message(seq, intact and data is not None)

    def take_message(self, seq, intact):
        self.corrupted += not intact
        self.seqs.append(seq)
        self.last = seq


def poll(feed, address, path, interval_s, headers):
    """One connection's worth of polls; yields after each entry."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    try:
        while True:
            connection.request("GET", f"{path}{feed.query}", headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
                feed.compressed += 1
            if answer.status != 200:
                raise ConnectionError(f"{answer.status}: {body.decode()}")
            for line in body[1:-1].split(b",\n") if len(body) > 2 else []:
                feed.take(line)
                yield
            time.sleep(interval_s)
    finally:
        connection.close()


def lines_of(feed, answer):
    """The lines of an answer that goes on, each as soon as it is there."""
    if answer.headers["Content-Encoding"] != "gzip":
        yield from answer
        return
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = b""
    while part := answer.read1():
        feed.compressed += 1
        *lines, text = (text + inflater.decompress(part)).split(b"\n")
        for line in lines:
            yield line + b"\n"


def stream(feed, address, headers):
    """One event stream (HTML Standard, "Server-sent events"); yields after each entry. All that is sent is data and ids."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    try:
        # Last-Event-ID goes before what the query says.
        last = {} if feed.last is None else {"Last-Event-ID": str(feed.last)}
        connection.request("GET", "/events?since=0", headers=headers | last)
        answer = connection.getresponse()
        if answer.status != 200 or answer.headers.get_content_type() != "text/event-stream":
            raise ConnectionError(f"{answer.status}: {answer.read().decode()}")
        data = last_id = None
        for line in lines_of(feed, answer):
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


def listen(feed, address, binary, compressed):
    """One WebSocket; yields after each entry."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), TIMEOUT_S) as raw:
        stream = raw.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        subprotocol = "binary" if binary else "json"
        offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if compressed else ""
        raw.sendall(
            f"GET /ws{feed.query} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {subprotocol}\r\n{offer}\r\n".encode()
        )
        check_handshake(stream, key, subprotocol, "permessage-deflate" if compressed else None)
        take = feed.take_binary if binary else feed.take
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        message, deflated = b"", False
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
            elif opcode in (0x0, 0x2 if binary else 0x1):
                deflated |= bool(first & 0x40)
                message += payload
                if first & 0x80:
                    # What the sender left out (RFC 7692, section 7.2.2).
                    take(inflater.decompress(message + b"\0\0\xff\xff") if deflated else message)
                    feed.compressed += deflated
                    message, deflated = b"", False
                    yield
            else:
                raise ValueError(f"a frame with opcode {opcode}")


def check_handshake(stream, key, subprotocol, extension):
    status = stream.readline().decode()
    headers = http.client.parse_headers(stream)
    accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    if " 101 " not in status:
        raise ConnectionError(status.strip())
    chosen = (headers["Sec-WebSocket-Protocol"], headers["Sec-WebSocket-Extensions"])
    if headers["Sec-WebSocket-Accept"] != accept or chosen != (subprotocol, extension):
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


def connect(feed, arguments):
    transport, address = arguments.transport, arguments.address
    if transport == "websocket":
        return listen(feed, address, arguments.binary, arguments.compressed)
    headers = {"Accept-Encoding": "gzip"} if arguments.compressed else {}
    if transport == "sse":
        return stream(feed, address, headers)
    if transport == "polling":
        return poll(feed, address, "/messages", POLL_INTERVAL_S, headers)
    return poll(feed, address, "/next", 0, headers)


def run(arguments):
    feed = Feed(arguments.since, arguments.until)
    failures = 0
    while not feed.complete and failures < 5:
        feed.connections += 1
        try:
            for count, _ in enumerate(connect(feed, arguments), 1):
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
        "compressed": feed.compressed,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("transport", choices=["polling", "long-polling", "sse", "websocket"])
    parser.add_argument("address")
    parser.add_argument("--since", type=int)
    parser.add_argument("--until", type=int, required=True)
    parser.add_argument("--cut-after", type=int)
    parser.add_argument("--binary", action="store_true")
    parser.add_argument("--compressed", action="store_true")
    print(json.dumps(run(parser.parse_args())))
