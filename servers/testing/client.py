"""A client of a feedbench node, in Python's standard library: what PROTOCOL.md says, as a program.

    python3 client.py polling|long-polling|sse|websocket HOST:PORT [--since N] [--until N] [--cut-after N]
                      [--binary] [--compressed]
                      [--user NAME --channels A,B --say TEXT … --until-heard N]

With a name it says each text in the first of its channels, the next when the one before is answered, and listens until it has heard so many messages
in channels. What has no answer when a connection breaks is said again under its number.

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

    def __init__(self, arguments):
        self.last = arguments.since
        self.until = arguments.until
        self.until_heard = arguments.until_heard
        self.user = arguments.user
        self.channels = arguments.channels
        self.unanswered = [
            {"type": "send", "id": n, "channel": self.channels.split(",")[0], "n": n, "data": text}
            for n, text in enumerate(arguments.say, 1)
        ]
        self.answers = []
        self.heard = []
        self.signals = []
        self.is_waiting = False
        self.seqs = []
        self.notices = []
        self.corrupted = 0
        self.connections = 0
        self.compressed = 0

    @property
    def query(self):
        since = [] if self.last is None else [f"since={self.last}"]
        return "".join(f"&{part}" for part in since + self.who).replace("&", "?", 1)

    @property
    def who(self):
        return [] if self.user is None else [f"channels={self.channels}", f"user={self.user}"]

    @property
    def complete(self):
        if self.unanswered or len(self.heard) < self.until_heard:
            return False
        return self.until is None or (self.last is not None and self.last >= self.until)

    def speak(self, say):
        """From the welcome on, a command at a time."""
        if self.signals and self.unanswered and not self.is_waiting:
            self.is_waiting = True
            self.take_answer(say(self.unanswered[0]))

    def take_answer(self, answer):
        """None where it comes later."""
        if answer is None:
            return
        if "error" in answer:
            raise ValueError(answer["error"])
        self.is_waiting = False
        self.unanswered.pop(0)
        self.answers.append(answer)

    def take(self, line):
        entry = json.loads(line)
        if "signal" in entry:
            self.signals.append(entry["signal"])
            if entry["signal"] == "answer":
                self.take_answer(entry)
        elif "seq" in entry:
            covered = line[line.index(b",") + 1 : line.rindex(b',"crc":"')]
            self.take_message(entry["seq"], f"{zlib.crc32(covered):08x}" == entry["crc"])
            if "channel" in entry:
                self.heard.append([entry["channel"], entry["from"], entry["n"], entry["data"]])
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
        if kind not in (b"M", b"C") or not 0 < due_ns <= published_ns:
            raise ValueError(f"neither a message nor a notice: {message!r}")
        start = 29
        if kind == b"C":
            n, channel_bytes, from_bytes = struct.unpack_from(">IBB", message, start)
            names, start = start + 6, start + 6 + channel_bytes + from_bytes
            channel, sender = message[names : names + channel_bytes], message[names + channel_bytes : start]
            self.heard.append([channel.decode(), sender.decode(), n, json.loads(message[start:])])
        data, intact = json.loads(message[start:]), zlib.crc32(message[13:]) == crc
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
        connection.request("GET", "&".join(["/events?since=0", *feed.who]), headers=headers | last)
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
                if last_id is not None and feed.last != last_id:
                    raise ValueError(f"the id {last_id} is not where to go on from, which is {feed.last}")
                data = last_id = None
                yield
        raise ConnectionError("the stream ended")
    finally:
        connection.close()


def listen(feed, address, binary, compressed):
    """One WebSocket; yields after each entry what says a command over it."""
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
                    yield lambda command: send(raw, 0x1, json.dumps(command).encode())
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
    """A frame of less than 64 KiB; what a client sends is masked (RFC 6455, section 5.3)."""
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0x80 | 126, size)
    raw.sendall(bytes([0x80 | opcode]) + length + mask + masked)


def post(feed, address, path, command):
    """Says something to a door that takes requests alone; returns the answer."""
    connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"{path}?user={feed.user}", json.dumps(command), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


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


PATHS = {"polling": "/messages", "long-polling": "/next", "sse": "/events"}


def run(arguments):
    feed = Feed(arguments)
    failures = 0
    while not feed.complete and failures < 5:
        feed.connections += 1
        feed.is_waiting = False
        try:
            for count, say in enumerate(connect(feed, arguments), 1):
                failures = 0
                feed.speak(say or (lambda command: post(feed, arguments.address, PATHS[arguments.transport], command)))
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
        "answers": feed.answers,
        "heard": feed.heard,
        "signals": feed.signals,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("transport", choices=["polling", "long-polling", "sse", "websocket"])
    parser.add_argument("address")
    parser.add_argument("--since", type=int)
    parser.add_argument("--until", type=int)
    parser.add_argument("--user")
    parser.add_argument("--channels", default="")
    parser.add_argument("--say", action="append", default=[])
    parser.add_argument("--until-heard", type=int, default=0)
    parser.add_argument("--cut-after", type=int)
    parser.add_argument("--binary", action="store_true")
    parser.add_argument("--compressed", action="store_true")
    print(json.dumps(run(parser.parse_args())))
