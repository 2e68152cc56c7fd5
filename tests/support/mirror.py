"""A web server on this computer that stands for a mirror of data, in good and in bad shape."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Mirror:
    """Serves `files` ({name: bytes}) at `url`; `asked` lists (name, first byte) of each request.

    `cuts`: {name: [bytes, ...]}, how many bytes of a file the next answers send before they end.
    `whole`: True for a server that knows no ranges and always sends everything.
    `silent`: an event that every answer waits for, or None.
    """

    def __init__(self):
        self.files, self.cuts, self.asked = {}, {}, []
        self.whole, self.silent = False, None

    def answer(self, request):
        name = request.path.rpartition("/")[2]
        start = int(request.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        self.asked.append((name, start))
        if self.silent is not None:
            self.silent.wait(20)
        content = self.files.get(name)
        start = 0 if self.whole else start
        if content is None or start >= len(content):
            request.send_error(404 if content is None else 416)
            return
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        cuts = self.cuts.get(name)
        request.wfile.write(content[start:][: cuts.pop(0) if cuts else None])


@contextmanager
def running_mirror():
    """A `Mirror` that runs inside the block."""
    mirror = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            mirror.answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield mirror
    finally:
        if mirror.silent is not None:
            mirror.silent.set()
        server.shutdown()
        server.server_close()
