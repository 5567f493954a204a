"""Registers the app that knows who people are."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
