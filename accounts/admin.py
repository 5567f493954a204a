"""People in the administration: add, find, deactivate, set a password; their tokens, to be revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Token


class PersonAddForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = Person
        fields = ("username",)


class PersonChangeForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = Person
        fields = "__all__"


@admin.register(Person)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    form = PersonChangeForm
    add_form = PersonAddForm
    list_display = ("username", "name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "email")}),
        (_("May"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "email", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Who has a folder keeps the login name: the folder has it too, and would be that of whoever has it next."""
        fields = tuple(super().get_readonly_fields(request, obj))
        has_folder = obj is not None and (settings.IVLE_HOMES / obj.username).exists()
        return (*fields, "username") if has_folder else fields


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("person", "name", "made", "last_used")
    search_fields = ("person__username", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # nobody but its person is shown a token

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
