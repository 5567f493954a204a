"""How many files this process may hold open: as many as it can have. Called by supervisor.py and the site's web.py.

A run under way holds about ten in the supervisor, a page on a console two in the web server; often 1024 is the default.
"""

from __future__ import annotations

import resource


def allow_many_descriptors() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
