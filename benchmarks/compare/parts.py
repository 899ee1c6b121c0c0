"""Where the instructions of a fetch go, by callgrind."""

import re
import subprocess

# The first pattern that fits "function [object]" decides; a function comes without its parameters.
PARTS = (
    ("OpenSSL", r"/libssl|/libcrypto"),
    ("memory: malloc, free, operator new", r"malloc|free\b|_int_free|tcache|operator new|operator delete"),
    ("JSON to the value", r"boost::json|upsun::codec|decode_integration|parse_timestamp|settings"),
    ("HTTP: requests, responses, framing", r"beast::http|response_parser|request_head|append_request|upsun::api|append_segment"),
    ("Asio: reactor, handlers, coroutines", r"boost::asio|epoll"),
    ("connection, pool, deadlines", r"upsun::http"),
    ("call: retries, counters, completion", r"upsun::"),
    ("C and C++ library: strings, copies, comparisons, locks, system calls", r"/libc\.so|ld-linux|/libstdc|^std::|pthread"),
    ("libcurl", r"/libcurl"),
    ("the rest", r""),
)


def per_fetch(few, many, requests):
    """The cost of each part per fetch: the difference of two profiles, divided by the difference of their requests."""
    return {part: (count - by_part_of_few) / requests for (part, count), by_part_of_few in zip(by_part(many).items(), by_part(few).values())}


def by_part(profile):
    """Instructions by part, from a file that callgrind wrote."""
    text = subprocess.run(["callgrind_annotate", "--threshold=100", "--show-percs=no", profile], capture_output=True, text=True, check=True).stdout
    found = dict.fromkeys((name for name, _ in PARTS), 0)
    for count, where in re.findall(r"^\s*([\d,]+)\s+(\S+:.*)$", text, re.MULTILINE):
        function = re.sub(r"(?<=\w|>)\(.*\)", "", where.split(":", 1)[1])
        part = next(name for name, pattern in PARTS if re.search(pattern, function))
        found[part] += int(count.replace(",", ""))
    return found


def table(found):
    """Rows of the table: parts by peer."""
    lines = [["Instructions per fetch", *found]]
    lines += [[part, *(f"{max(0.0, counts[part]):,.0f}" for counts in found.values())] for part, _ in PARTS]
    return lines
