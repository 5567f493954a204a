"""A form that answers. What was typed arrives on standard input."""

import html
import os
import sys
from urllib.parse import parse_qs

length = int(os.environ.get("CONTENT_LENGTH") or 0)
fields = parse_qs(sys.stdin.buffer.read(length).decode())
name = fields.get("name", [""])[0]

print("Content-Type: text/html; charset=utf-8")
print()
print("<!DOCTYPE html><title>A form</title>")
if name:
    print(f"<p>Hello, {html.escape(name)}.</p>")
print('<form method="post"><label>Your name <input name="name"></label> <button>Greet me</button></form>')
