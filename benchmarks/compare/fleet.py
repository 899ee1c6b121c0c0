"""A walk over the projects of 20 organizations: many at once, one after another, and by libcurl, which is given the paths of their lists of integrations.

A sandbox serves, since nginx has one document only. It has the core of nginx, which is idle meanwhile.
"""

import contextlib
import dataclasses
import json
import ssl
import subprocess
import urllib.request

from peers import OVER_A_FLEET, Failed, cpu_us
from rows import Row

ORGANIZATIONS, PROJECTS = 20, 2_000
WINDOW = 64
LATENCY = 10  # milliseconds; what a server far away adds to each response
TOKEN = "benchmark-token"


class Sandbox:
    """Serves a fleet while the `with` block runs."""

    def __init__(self, run, latency):
        program = str(run.build / "bin" / "upsun-sandbox")
        self._process = subprocess.Popen(
            ["taskset", "-c", str(run.runner.server.core), program, "--exit-with-parent", f"--organizations={ORGANIZATIONS}", f"--projects={PROJECTS}",
             f"--token={TOKEN}", f"--latency={latency}"], stdout=subprocess.PIPE, text=True)
        self.url, self.ca_file = (self._process.stdout.readline().rstrip("\n").partition("=")[2] for _ in range(2))
        if not self.url:
            raise Failed("upsun-sandbox ended before it served")
        self.options = {"port": self.url.rpartition(":")[2], "ca": self.ca_file}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def targets(self):
        """The paths of all lists of integrations."""
        context = ssl.create_default_context(cafile=self.ca_file)

        def items(path):
            path += "?page%5Bsize%5D=100"
            while path:
                request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {TOKEN}"})
                with urllib.request.urlopen(request, timeout=60, context=context) as response:
                    page = json.load(response)
                yield from page["items"]
                path = page["_links"].get("next", {}).get("href")

        organizations = [each["id"] for each in items("/organizations")]
        return [f"/projects/{each['id']}/integrations" for of in organizations for each in items(f"/organizations/{of}/projects")]


def fleet(run):
    peers = {peer.name: peer for peer in OVER_A_FLEET}
    missing = {name: why for name, peer in peers.items() if (why := run.runner.missing(peer))}
    present = [name for name in peers if name not in missing]
    with contextlib.ExitStack() as stack:
        near, far = (stack.enter_context(Sandbox(run, latency)) for latency in (0, LATENCY))
        file = run.folder / "fleet_targets"
        targets = near.targets()
        file.write_text("\n".join(targets) + "\n")
        if len(targets) != PROJECTS:
            raise Failed(f"the sandbox lists {len(targets)} projects, not {PROJECTS}")

        def measure(name, server):
            curl = {"targets": file} if name.startswith("curl") else {}
            result = run.runner.run(peers[name], PROJECTS, warmup=0, extra=server.options | {"connections": WINDOW} | curl)
            return 1000 * result["seconds"], cpu_us(result) / PROJECTS, result["requests"] / result["seconds"], result["integrations"]

        seen = run.medians(present, lambda name: measure(name, near), dispensable=True)
        once = dataclasses.replace(run, rounds=1)  # the latency decides
        slow = once.medians([name for name in present if name != "curl_multi"], lambda name: measure(name, far), dispensable=True)
    run.raw["fleet"] = {place: {name: dict(zip(("ms", "cpu_us_per_project", "requests_per_second", "integrations"), figures)) for name, figures in found.items()}
                        for place, found in (("near", seen), (f"{LATENCY} ms", slow))}
    if len({figures[3] for found in (seen, slow) for name, figures in found.items() if name != "curl_multi"}) > 1:
        raise Failed(f"not all have found the same integrations: {run.raw['fleet']}")

    for found, where in ((seen, ""), (slow, f" when each response takes {LATENCY} ms more")):
        for name, peer in peers.items():
            if name == "upsun" or (where and name == "curl_multi"):
                continue
            what = f"Walk over {PROJECTS:,} projects, {WINDOW} requests at once{where}: time against {peer.title}"
            if name not in found or "upsun" not in found:
                yield Row(what, None, note=missing.get(name) or run.missing.get(name) or run.missing.get("upsun"))
                continue
            ours, theirs = found["upsun"], found[name]
            yield Row(what, ours[0] / theirs[0],
                      note=f"{ours[0] / 1000:.2f} against {theirs[0] / 1000:.2f} s, {ours[2]:,.0f} against {theirs[2]:,.0f} requests a second")
            if not where:
                yield Row("The same, CPU time for each project", ours[1] / theirs[1], note=f"{ours[1]:.0f} against {theirs[1]:.0f} us")
