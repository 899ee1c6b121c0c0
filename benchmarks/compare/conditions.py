"""The conditions of the figures."""

import datetime
import os
import pathlib
import re
import subprocess


def output_of(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout + done.stderr


def version(pattern, *command):
    found = re.search(pattern, output_of(*command))
    return found[1] if found else "missing"


def conditions():
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {
        "date": datetime.date.today().isoformat(),
        "processor": f"{processor[1] if processor else 'unknown'}, {os.cpu_count()} cores",
        "kernel": os.uname().release,
        "nginx": version(r"nginx/(\S+)", "nginx", "-v"),
        "OpenSSL": version(r"OpenSSL (\S+)", "openssl", "version"),
        "compiler": version(r"(.+)", "c++", "--version"),
        "Boost": version(r'BOOST_LIB_VERSION "(\S+)"', "grep", "BOOST_LIB_VERSION", "/usr/include/boost/version.hpp"),
        "libcurl": version(r"libcurl (\S+)", "curl-config", "--version"),
        "wrk": version(r"wrk (?:debian/)?(\S+)", "wrk", "-v"),
        "node": version(r"v(\S+)", "node", "--version"),
        "go": version(r"go(\d\S+)", "go", "version"),
    }
