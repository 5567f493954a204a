"""`python -m client`."""

from __future__ import annotations

import sys

try:
    from client.commands import main
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "websockets":
        raise
    print("ivle: One package is missing. Type: python -m pip install websockets", file=sys.stderr)
    raise SystemExit(255) from None

raise SystemExit(main())
