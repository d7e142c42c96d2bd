"""Serves a WSGI application at a loopback port, the way every site of these tests is served.

A line "METHOD PATH" goes to SCRATCH/requests.log for each request as it arrives, without the query, where codes are. While
SCRATCH/lose-answer exists, the application does what a POST to the path in it asks for, and the connection ends before
the answer; the file is gone then.
"""
import os
import socket
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    # A burst of callers is no reason to refuse one.
    request_queue_size = 128

    def server_bind(self):
        # The base class asks for the machine's name here, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address
        self.setup_environ()


class Handler(WSGIRequestHandler):
    def get_environ(self):
        return super().get_environ() | {"loopback.connection": self.connection}

    def address_string(self):
        return self.client_address[0]

    def log_message(self, *arguments):
        pass


def serve(application, scratch, port, version):
    """Prints "ready" and what is served, then serves until standard input ends."""
    lock = threading.Lock()
    log = open(f"{scratch}/requests.log", "w", buffering=1, encoding="utf-8")
    wish = f"{scratch}/lose-answer"

    def is_lost(environ):
        with lock:
            log.write(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}\n")
            if environ["REQUEST_METHOD"] != "POST" or not os.path.exists(wish):
                return False
            with open(wish, encoding="utf-8") as file:
                if file.read().strip() != environ["PATH_INFO"]:
                    return False
            os.remove(wish)
            return True

    def answer(environ, start_response):
        loses = is_lost(environ)
        body = application(environ, start_response)
        if not loses:
            return body
        for _ in body:
            pass
        environ["loopback.connection"].shutdown(socket.SHUT_RDWR)
        return []

    server = Server(("127.0.0.1", int(port)), Handler)
    server.set_app(answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready {version}", flush=True)
    sys.stdin.buffer.read()
