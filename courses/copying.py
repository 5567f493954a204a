"""Says that a course is being given again, so that packages that know more of it bring their part along."""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

# With `source` and `course`, the copy; and `files`, a dict of what the copy shows first, which may be changed. What a
# receiver raises undoes the copy.
copying: Final = Signal()
