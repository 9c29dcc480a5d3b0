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
tick = {"n": 0, "data": b""}
ticked = threading.Condition()


def now():
    real = time.time()
    return real + options.ahead + (real - started) * options.drift


def make_ticks():
    while True:
        time.sleep(options.every)
        with ticked:
            tick["n"] += 1
            text = json.dumps({"n": tick["n"], "at": now()})
            tick["data"] = f"event: tick\ndata: {text}\n\n".encode()
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
        last = tick["n"]
        try:
            while True:
                with ticked:
                    ticked.wait_for(lambda: tick["n"] > last)
                    last, data = tick["n"], tick["data"]
                self.wfile.write(data)
        except OSError:
            pass


threading.Thread(target=make_ticks, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
