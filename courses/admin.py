"""Terms and courses in the administration, with who is in them; what was published and who looked, to be read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.reading import Read
from courses.models import Course, Edition, Look, Membership, Role, Term


@admin.register(Term)
class TermAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "starts", "ends")
    search_fields = ("name",)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """To be read. The course's own page changes it, which writes every change down and leaves no course alone."""

    model = Membership
    fields = readonly_fields = ("person", "role")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Course)
class CourseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "slug", "term", "is_open")
    list_filter = ("is_open", "term")
    search_fields = ("title", "slug")
    inlines = (MembershipInline,)
    exclude: ClassVar[tuple[str, ...]] = ("join_code",)  # lecturers make it

    def save_model(self, request: HttpRequest, obj: Course, form: Any, change: bool) -> None:
        if not change:
            obj.made_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if not change:
            Membership.objects.create(course=obj, person=request.user, role=Role.LECTURER)  # type: ignore[misc]


@admin.register(Edition)
class EditionAdmin(Read):
    list_display = ("course", "number", "made", "by", "is_shown")
    list_filter = ("is_shown",)


@admin.register(Look)
class LookAdmin(Read):
    list_display = ("at", "viewer", "owner", "course", "what", "path")
    search_fields = ("viewer__username", "owner__username")
    date_hierarchy = "at"
