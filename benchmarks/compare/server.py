"""An nginx with its own configuration: one process on one core, TLS 1.3, a fresh ECDSA P-256 certificate, one document for every path."""

import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

HOST = "127.0.0.1"
DOCUMENT = "".join(re.findall(r'R"\((.*)\)"', (pathlib.Path(__file__).parent.parent / "bitbucket_document.hpp").read_text()))
json.loads(DOCUMENT)  # checks that the document was found in the header

CONFIGURATION = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  ssl_certificate server.pem;
  ssl_certificate_key server.key;
  ssl_protocols TLSv1.3;
  ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;  # the same for all; Go would choose another
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  default_type application/json;
  server { listen %(host)s:%(port)d ssl backlog=4096; location / { return 200 '%(document)s'; } }
  server { listen %(host)s:%(closing_port)d ssl backlog=4096; keepalive_timeout 0; location / { return 200 '%(document)s'; } }
  server { listen %(host)s:%(http2_port)d ssl http2 backlog=4096; location / { return 200 '%(document)s'; } }
  server { listen %(host)s:%(http2_ending_port)d ssl http2 backlog=4096; keepalive_requests 100; location / { return 200 '%(document)s'; } }
  server { listen %(host)s:%(status_port)d; location / { stub_status; } }
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    """Serves while the `with` block runs. `port` keeps connections; `closing_port` closes each after one response.

    `http2_port` speaks HTTP/2, and so does `http2_ending_port`, which ends each connection (GOAWAY) after 100 requests."""

    def __init__(self, core):
        self.core = core
        self._folder = tempfile.TemporaryDirectory(prefix="upsun-compare-")
        self._path = pathlib.Path(self._folder.name)
        self.port, self.closing_port, self._status_port = free_port(), free_port(), free_port()
        self.http2_port, self.http2_ending_port = free_port(), free_port()
        self.ca_file = str(self._path / "ca.pem")

    def __enter__(self):
        self._make_certificate()
        (self._path / "temp").mkdir()
        (self._path / "nginx.conf").write_text(
            CONFIGURATION % {"host": HOST, "document": DOCUMENT, "port": self.port, "closing_port": self.closing_port, "http2_port": self.http2_port,
                             "http2_ending_port": self.http2_ending_port, "status_port": self._status_port})
        self._log = open(self._path / "log", "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            ["taskset", "-c", str(self.core), "nginx", "-p", str(self._path), "-c", "nginx.conf", "-e", "stderr"], stderr=self._log, stdout=self._log)
        self._wait_until_it_serves()
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        self._log.close()
        self._folder.cleanup()

    def requests(self):
        """The number of requests so far, this one included."""
        return self._counts()[2]

    def accepted(self):
        """The number of connections so far, this one included."""
        return self._counts()[0]

    def _counts(self):
        with urllib.request.urlopen(f"http://{HOST}:{self._status_port}/", timeout=10) as response:
            return [int(word) for word in response.read().split()[7:10]]

    def _make_certificate(self):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self._openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=benchmark authority")
        self._openssl("req", "-new", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={HOST}")
        (self._path / "extensions").write_text(f"subjectAltName=IP:{HOST},DNS:localhost\nextendedKeyUsage=serverAuth\n")
        self._openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", "server.pem",
                      "-extfile", "extensions")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self._path, check=True, capture_output=True)

    def _wait_until_it_serves(self):
        for _ in range(500):
            try:
                self.requests()
                return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.02)
        raise RuntimeError("nginx does not start: " + (self._path / "log").read_text())
