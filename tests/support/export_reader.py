"""Reads exported files with parsers that share nothing with ours.

Usage: export_reader.py FOLDER
FOLDER holds changes.csv, changes.json, changes.parquet, samples.parquet, calendar.ics and feed.xml. Prints one JSON object of what
is found in them. Ends with 77 if a parser is not installed.
"""

import csv
import json
import sys
from datetime import datetime
from pathlib import Path
from xml.parsers import expat

try:
    import feedparser
    import icalendar
    import pyarrow.parquet
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


def table(path):
    read = pyarrow.parquet.read_table(path)
    rows = [{name: plain(value) for name, value in row.items()} for row in read.to_pylist()]
    return {"types": {field.name: str(field.type) for field in read.schema}, "rows": rows}


def events(path):
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    found = []
    for event in calendar.walk("VEVENT"):
        found.append({
            "uid": str(event["UID"]),
            "begin": event["DTSTART"].dt.isoformat(),
            "end": event["DTEND"].dt.isoformat(),
            "stamp": event["DTSTAMP"].dt.isoformat(),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "status": str(event["STATUS"]),
        })
    faults = [str(error) for event in calendar.walk() for error in event.errors]
    return {"events": found, "faults": faults}


def feed(path):
    expat.ParserCreate().Parse(path.read_bytes(), True)
    read = feedparser.parse(path.read_bytes())
    entries = [
        {"id": entry.id, "title": entry.title, "updated": entry.updated, "link": entry.get("link"), "summary": entry.summary}
        for entry in read.entries
    ]
    return {"bozo": bool(read.bozo), "version": read.version, "id": read.feed.id, "entries": entries}


def main():
    folder = Path(sys.argv[1])
    with open(folder / "changes.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    print(json.dumps({
        "csv": rows,
        "json": json.loads((folder / "changes.json").read_bytes()),
        "changes": table(folder / "changes.parquet"),
        "samples": table(folder / "samples.parquet"),
        "calendar": events(folder / "calendar.ics"),
        "feed": feed(folder / "feed.xml"),
    }))


main()
