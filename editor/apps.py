"""Registers the app of the editor."""

from django.apps import AppConfig


class EditorConfig(AppConfig):
    name = "editor"
