"""The table of peers, and how to run one."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

HERE = pathlib.Path(__file__).parent
SOURCES = HERE.parent / "peers"
CONNECTIONS = 64


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    title: str
    command: tuple = ()  # {bin} and {sources} stand for folders; empty: wrk, which runs by time and measures nothing itself
    package: str = ""  # the Debian packages it needs
    counted: bool = False  # instructions by callgrind


PEERS = (
    Peer("upsun", "upsun, default configuration", ("{bin}/peer_upsun",), counted=True),
    Peer("floor", "raw epoll + OpenSSL, finds Content-Length only", ("{bin}/peer_floor",), counted=True),
    Peer("wrk", "wrk -t1, decodes and verifies nothing", package="wrk"),
    Peer("curl_multi", "libcurl multi, no decoding", ("{bin}/peer_curl_multi",), "libcurl4-openssl-dev", counted=True),
    Peer("curl_multi_decode", "libcurl multi, the same decoding", ("{bin}/peer_curl_multi", "--decode=1"), "libcurl4-openssl-dev"),
    Peer("beast_tutorial", "Beast coroutines as tutorials write them", ("{bin}/peer_beast_tutorial",), counted=True),
    Peer("undici", "Node undici Pool + JSON.parse", ("node", "{sources}/undici.mjs"), "nodejs and node-undici"),
    Peer("go_nethttp", "Go net/http + encoding/json", ("{bin}/peer_go_nethttp",), "golang-go"),
)
# The same over HTTP/2, and what is measured beside them.
OVER_HTTP2 = (
    Peer("upsun", "upsun over HTTP/2", ("{bin}/peer_upsun",)),
    Peer("upsun_http1", "upsun over HTTP/1.1", ("{bin}/peer_upsun",)),
    Peer("wrk", "wrk -t1 over HTTP/1.1, decodes and verifies nothing", package="wrk"),
    Peer("h2load", "h2load, the same connections and streams, decodes and verifies nothing", ("h2load",), "nghttp2-client"),
    Peer("curl_multi", "libcurl multi over HTTP/2, the same decoding", ("{bin}/peer_curl_multi", "--decode=1", "--http2=1"), "libcurl4-openssl-dev"),
    Peer("go_nethttp", "Go net/http over HTTP/2 + encoding/json", ("{bin}/peer_go_nethttp", "--http2=1"), "golang-go"),
)
# A walk over the projects of a user; libcurl is given the paths of their integrations and pages nothing.
OVER_A_FLEET = (
    Peer("upsun", "upsun", ("{bin}/peer_upsun_fleet", "--window=64")),
    Peer("one_by_one", "the same, one request after another", ("{bin}/peer_upsun_fleet", "--window=1")),
    Peer("curl_multi_decode", "libcurl multi over HTTP/2, given the paths, the same decoding", ("{bin}/peer_curl_multi", "--http2=1", "--decode=1"),
         "libcurl4-openssl-dev"),
    Peer("curl_multi", "libcurl multi over HTTP/2, given the paths, no decoding", ("{bin}/peer_curl_multi", "--http2=1"), "libcurl4-openssl-dev"),
)
BY_NAME = {peer.name: peer for peer in PEERS}

ENVIRONMENT = {**os.environ, "NODE_PATH": os.pathsep.join(filter(None, (os.environ.get("NODE_PATH"), "/usr/share/nodejs")))}


class Failed(Exception):
    """A peer failed."""


class Runner:
    def __init__(self, server, bin_folder, client_core):
        self.server = server
        self._bin = bin_folder
        self._pinned = ["taskset", "-c", str(client_core)]

    def missing(self, peer):
        """Why a peer cannot be run, or None."""
        program = self._command(peer)[0]
        if not shutil.which(program):
            return f"no {pathlib.Path(program).name}; on Debian: {peer.package}" if peer.package else f"{program} is not built"
        if program == "node" and subprocess.run(["node", "-e", "require('undici')"], env=ENVIRONMENT, capture_output=True, check=False).returncode:
            return f"node finds no undici; on Debian: {peer.package}"
        return None

    def run(self, peer, requests, warmup=None, before=(), extra=(), pinned=True):
        """Runs a peer to its end and returns what it prints. `before`: a program to run it under; `extra`: further options."""
        if not peer.command:
            return self._run_wrk(requests)
        options = {"port": self.server.port, "ca": self.server.ca_file, "requests": requests, "warmup": requests // 10 if warmup is None else warmup,
                   "connections": CONNECTIONS} | dict(extra)
        command = [*(self._pinned if pinned else ()), *before, *self._command(peer), *(f"--{name}={value}" for name, value in options.items())]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise Failed(f"{peer.name}: status {done.returncode}: {done.stdout[-300:]}{done.stderr[-1000:]}")
        return json.loads(done.stdout) | {"stderr": done.stderr}

    def run_h2load(self, requests, connections, streams):
        """Without its warm-up, which is little of it."""
        command = [*self._pinned, "h2load", f"-n{requests}", f"-c{connections}", f"-m{streams}", "-t1", "-H", "authorization: Bearer benchmark-token", "-H",
                   "accept: application/json", f"https://127.0.0.1:{self.server.http2_port}/projects/project-0/integrations/integration-0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            output = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or f"{requests} succeeded" not in output:
            raise Failed(f"h2load: {output}")
        return {"peer": "h2load", "requests": requests, "cpu_us": (used.ru_utime + used.ru_stime) * 1e6, "errors": 0}

    def _command(self, peer):
        return [part.format(bin=self._bin, sources=SOURCES) for part in peer.command] or ["wrk"]

    def _run_wrk(self, requests):
        command = [*self._pinned, "wrk", "-t1", f"-c{CONNECTIONS}", "-d120s", "-H", "Authorization: Bearer benchmark-token", "-H", "Accept: application/json",
                   f"https://127.0.0.1:{self.server.port}/projects/project-0/integrations/integration-0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            time.sleep(0.5)
            begun, used_before, served_before = time.monotonic(), used_us(process.pid), self.server.requests()
            served = 0
            while served < requests and process.poll() is None:
                time.sleep(0.05)
                used, served = used_us(process.pid) - used_before, self.server.requests() - served_before
            seconds = time.monotonic() - begun
            process.send_signal(signal.SIGINT)
            output = process.communicate()[0]
        if served < requests or "Non-2xx" in output or "Socket errors" in output:
            raise Failed(f"wrk: {output}")
        return {"peer": "wrk", "requests": served, "seconds": seconds, "cpu_us": used, "errors": 0}


def used_us(pid):
    """CPU time of all threads of a process, by the scheduler's own accounts."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1000


def cpu_us(result):
    return result.get("cpu_us", result.get("cpu_user_us", 0) + result.get("cpu_sys_us", 0))


def cpu_per_fetch(result):
    return cpu_us(result) / result["requests"]
