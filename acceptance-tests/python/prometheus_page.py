"""Reads a page with the parser of Prometheus' own Python client and prints what it found, as JSON: a list of families,
each with its name, type, help and samples.

Argument: the URL.
"""

import json
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

with urllib.request.urlopen(sys.argv[1], timeout=30) as answer:
    content_type = answer.headers["Content-Type"]
    text = answer.read().decode()

families = [
    {
        "name": family.name,
        "type": family.type,
        "help": family.documentation,
        "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
    }
    for family in text_string_to_metric_families(text)
]
json.dump({"content_type": content_type, "families": families}, sys.stdout)
