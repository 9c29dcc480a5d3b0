"""Ticks as Server-Sent Events, by Python's standard library: a feed that the server makes itself.

Its clock is `ahead` seconds ahead of the machine's, and gains `drift` seconds a second. It prints its port.
"""

import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--ahead", type=float, default=0)
parser.add_argument("--drift", type=float, default=0)
parser.add_argument("--every", type=float, default=0.05)
options = parser.parse_args()
started = time.time()
ticks = []
ticked = threading.Condition()


def now():
    real = time.time()
    return real + options.ahead + (real - started) * options.drift


def make_ticks():
    while True:
        time.sleep(options.every)
        with ticked:
            text = json.dumps({"n": len(ticks) + 1, "at": now()})
            ticks.append(f"event: tick\ndata: {text}\n\n".encode())
            ticked.notify_all()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Nagle's algorithm would hold a tick back until the one before is acknowledged.
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/time":
            body = str(now()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b": hello\n\n")
        told = len(ticks)
        try:
            while True:
                with ticked:
                    ticked.wait_for(lambda: len(ticks) > told)
                    data, told = b"".join(ticks[told:]), len(ticks)
                self.wfile.write(data)
        except OSError:
            pass


threading.Thread(target=make_ticks, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
