"""`python -m client`."""

from __future__ import annotations

from client.commands import main

raise SystemExit(main())
