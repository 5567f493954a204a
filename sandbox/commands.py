from __future__ import annotations
import argparse
from pathlib import Path
from sandbox.supervisor import Configuration, serve

def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox")
    commands = parser.add_subparsers(required=True)
    s = commands.add_parser("serve")
    s.add_argument("--socket", type=Path, required=True)
    s.add_argument("--homes", type=Path, required=True)
    s.add_argument("--runtime", type=Path)
    a = parser.parse_args()
    return serve(Configuration(a.socket, a.homes, a.runtime))
