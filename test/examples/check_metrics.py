#!/usr/bin/python3
"""usage: check_metrics.py PROGRAM: what the program prints is valid for Prometheus' own parser, and says what the program did."""
import math
import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families

page = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout
families = {}
for family in text_string_to_metric_families(page):
    assert family.name not in families, f"{family.name} stands twice"
    assert family.documentation, f"{family.name} has no HELP"
    assert family.type in ("counter", "gauge", "histogram"), f"{family.name} has no TYPE"
    families[family.name] = family
assert page.endswith("\n")

seen = set()
for family in families.values():
    for sample in family.samples:
        identity = (sample.name, tuple(sorted(sample.labels.items())))
        assert identity not in seen, f"{identity} stands twice"
        seen.add(identity)
        if family.type == "counter":
            assert sample.name.endswith("_total"), sample.name

# Buckets rise to +Inf, which is the count.
for family in families.values():
    if family.type != "histogram":
        continue
    series = {}
    for sample in family.samples:
        labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
        series.setdefault(labels, []).append(sample)
    for labels, samples in series.items():
        buckets = [(float(s.labels["le"]), s.value) for s in samples if s.name.endswith("_bucket")]
        assert [b[0] for b in buckets] == [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, math.inf], buckets
        assert all(a[1] <= b[1] for a, b in zip(buckets, buckets[1:])), buckets
        (total,) = [s.value for s in samples if s.name.endswith("_count")]
        (length,) = [s.value for s in samples if s.name.endswith("_sum")]
        assert total == buckets[-1][1] and length >= 0, labels


def value(name, **labels):
    """The sum of the samples with these labels."""
    return sum(s.value for f in families.values() for s in f.samples if s.name == name and labels.items() <= s.labels.items())


requests = "http_client_request_duration_seconds_count"
template = "/projects/{projectId}/integrations/{integrationId}"
assert value(requests, http_request_method="GET", url_template=template, server_address="127.0.0.1") == 5
assert value(requests, http_response_status_code="200") == 3
assert value(requests, http_response_status_code="404", error_type="404") == 1
assert value(requests, http_response_status_code="503", error_type="503") == 1
assert value("upsun_client_connection_wait_time_seconds_count") == 5
assert value("upsun_client_connection_dial_time_seconds_count", upsun_dial_part="handshake") == 1
assert value("upsun_client_calls_total") == 4
assert value("upsun_client_calls_total", error_type="not_found") == 1
assert value("upsun_client_attempts_total") == 5
assert value("upsun_client_retries_total") == 1
assert value("http_client_open_connections", http_connection_state="idle") == 1
assert value("http_client_active_requests") == 0
assert value("upsun_client_connection_max") == 64
