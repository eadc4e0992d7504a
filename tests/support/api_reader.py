"""Holds the API against its own OpenAPI document, with programs that share nothing with ours.

Usage: api_reader.py URL
URL is where the dashboard is served. Checks that the document is valid, then asks every operation whatever the document says can be
asked, and more, and holds each answer against it. Ends with 77 if a program is not installed.
"""

import json
import subprocess
import sys
import tempfile
import urllib.request

try:
    import feedparser
    import icalendar
    import openapi_spec_validator
    import schemathesis  # noqa: F401
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)


def read(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.headers, answer.read()


def main(base):
    document = f"{base}/api/v1/openapi.json"
    openapi_spec_validator.validate(json.loads(read(document)[1]))

    headers, atom = read(f"{base}/feed.xml")
    feed = feedparser.parse(atom)
    assert not feed.bozo and feed.version == "atom10" and feed.entries, feed
    assert headers["content-type"] == "application/atom+xml; charset=utf-8", headers
    headers, text = read(f"{base}/feed.json")
    as_json = json.loads(text)
    assert headers["content-type"] == "application/feed+json", headers
    assert as_json["version"] == "https://jsonfeed.org/version/1.1", as_json
    assert [item["id"] for item in as_json["items"]] == [entry.id for entry in feed.entries]
    assert [item["url"] for item in as_json["items"]] == [entry.link for entry in feed.entries]
    for item in as_json["items"]:
        assert item["content_text"] and item["title"] and item["date_published"], item
    headers, text = read(f"{base}/retirements.ics")
    calendar = icalendar.Calendar.from_ical(text)
    assert headers["content-type"] == "text/calendar; charset=utf-8", headers
    assert not [error for part in calendar.walk() for error in part.errors]

    checks = [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "unsupported_method",
    ]
    # an address of many kilobytes is refused before it is read: 431
    settings = tempfile.NamedTemporaryFile("w", suffix=".toml")
    settings.write("[checks.negative_data_rejection]\nexpected-statuses = [400, 404, 405, 431]\n")
    settings.flush()
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", settings.name, "run", document,
        "--checks", ",".join(checks),
        "--phases", "examples,coverage,fuzzing",
        "--max-examples", "10",
        "--seed", "7",
        "--generation-deterministic",
        "--suppress-health-check", "all",
        "--max-time", "60",
        "--no-color", "--warnings", "off",
    ]
    # it leaves a folder where it runs
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder)
    if run.returncode != 0:
        print(run.stdout[-12000:], run.stderr[-2000:], file=sys.stderr)
    sys.exit(run.returncode)


main(sys.argv[1].rstrip("/"))
