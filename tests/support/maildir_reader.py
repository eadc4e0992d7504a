"""Reads a maildir with Python's own parsers of mail and of HTML, which share nothing with ours.

Usage: maildir_reader.py MAILDIR
Prints one JSON object a message, by date: its headers as pairs in their order, its defects, its parts as pairs of type and text,
of its HTML every element with its attributes and every text, what stands in it inline as pairs of content id and type, and how
many bytes it has.
"""

import json
import mailbox
import sys
from email import policy
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements, self.texts = [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append([tag, [[name, value or ""] for name, value in attributes]])

    def handle_data(self, text):
        self.texts.append(text)

    def handle_comment(self, text):
        self.elements.append(["comment", [["text", text]]])


def parsed(file):
    from email import message_from_binary_file

    return message_from_binary_file(file, policy=policy.default)


def told(message):
    parts, inline, defects = [], [], [str(defect) for defect in message.defects]
    page = Page()
    for part in message.walk():
        defects += [str(defect) for defect in part.defects]
        if part["Content-ID"]:
            inline.append([str(part["Content-ID"]), part.get_content_type()])
        if part.get_content_maintype() == "text":
            text = part.get_content()
            parts.append([part.get_content_type(), text])
            if part.get_content_subtype() == "html":
                page.feed(text)
    for _, value in message.items():
        defects += [str(defect) for defect in getattr(value, "defects", ())]
    return {
        "headers": [[name, str(value)] for name, value in message.items()],
        "defects": defects,
        "type": message.get_content_type(),
        "structure": [part.get_content_type() for part in message.walk()],
        "parts": parts,
        "inline": inline,
        "bytes": len(message.as_bytes()),
        "elements": page.elements,
        "texts": page.texts,
    }


messages = list(mailbox.Maildir(sys.argv[1], factory=parsed, create=False))
messages.sort(key=lambda message: parsedate_to_datetime(message["Date"]))
for message in messages:
    print(json.dumps(told(message)))
