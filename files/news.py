"""What became of files by the API, for those who keep something about them. Told by api_changes.py.

A program in a console changes files without a word to anybody.
"""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

# With `person`, whose home it is, `parts` of the file or folder, and `to`, its new ones. Nothing was replaced.
moved: Final = Signal()
# With `person` and `parts`: it lies in the trash.
deleted: Final = Signal()
