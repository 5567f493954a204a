"""The deeds of administrators in the administration: to be read, and nothing else."""

from __future__ import annotations

from django.contrib import admin

from accounts.reading import Read
from operations.models import Deed


@admin.register(Deed)
class DeedAdmin(Read):
    list_display = ("at", "by", "what", "owner", "number")
    list_filter = ("what",)
    search_fields = ("owner", "by__username")
