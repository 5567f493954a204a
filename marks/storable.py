"""What programs printed, as every database keeps it: PostgreSQL knows no NUL and no half characters. For marking.py."""

from __future__ import annotations

import re
from typing import Any, Final

UNKNOWN_TO_DATABASES: Final = re.compile("[\0\ud800-\udfff]")
IN_PLACE: Final = "\N{REPLACEMENT CHARACTER}"


def storable(content: Any) -> Any:
    """The same of JSON, with a sign in place of each such character."""
    if isinstance(content, str):
        return UNKNOWN_TO_DATABASES.sub(IN_PLACE, content)
    if isinstance(content, dict):
        return {storable(name): storable(one) for name, one in content.items()}
    if isinstance(content, list | tuple):
        return [storable(one) for one in content]
    return content
