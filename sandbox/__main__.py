"""`python -m sandbox`."""

from __future__ import annotations

from sandbox.commands import main

raise SystemExit(main())
