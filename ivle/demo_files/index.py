"""A page made by a program: header lines first, then a blank line, then HTML."""

from pathlib import Path

print("Content-Type: text/html; charset=utf-8")
print()
print("<!DOCTYPE html><title>My page</title>")
print("<h1>My page</h1>")
print("<p>A program wrote this list of what is in its folder:</p><ul>")
for path in sorted(Path().iterdir()):
    print(f'<li><a href="{path.name}">{path.name}</a>')
print("</ul>")
