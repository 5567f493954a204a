"""What people may have in the administration; what they had, asked and who decided, to be read."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from accounts.reading import Read
from allowances import changing
from allowances.models import Allowance, Change, CpuDay, CpuRequest, Done, ExamTime


@admin.register(Allowance)
class AllowanceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("person", "kind", "cpu_seconds", "memory_mib", "processes")
    list_filter = ("kind",)
    search_fields = ("person__username", "person__name")
    raw_id_fields = ("person",)

    def save_model(self, request: HttpRequest, obj: Allowance, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        told = ", ".join(f"{name}: {getattr(obj, name) or '-'}" for name in form.changed_data if name != "person")
        changing.note(Done.CHANGED, by(request), obj.person, told)

    def delete_model(self, request: HttpRequest, obj: Allowance) -> None:
        changing.note(Done.CHANGED, by(request), obj.person, "-")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Allowance]) -> None:
        for own in queryset:
            self.delete_model(request, own)


@admin.register(CpuDay)
class CpuDayAdmin(Read):
    """Of whoever is chosen, the day can begin anew."""

    list_display = ("day", "person", "seconds", "forgiven_seconds", "granted_seconds")
    search_fields = ("person__username", "person__name")
    date_hierarchy = "day"
    ordering = ("-day", "-seconds")
    actions = ("put_into_tarpit", "take_out_of_tarpit", "reset")

    @admin.action(description=_("Put into the tarpit"))
    def put_into_tarpit(self, request: HttpRequest, chosen: QuerySet[CpuDay]) -> None:
        self.do(request, chosen, changing.put_into_tarpit)

    @admin.action(description=_("Take out of the tarpit"))
    def take_out_of_tarpit(self, request: HttpRequest, chosen: QuerySet[CpuDay]) -> None:
        self.do(request, chosen, changing.take_out_of_tarpit)

    @admin.action(description=_("Let the day start anew"))
    def reset(self, request: HttpRequest, chosen: QuerySet[CpuDay]) -> None:
        self.do(request, chosen, changing.reset)

    def do(self, request: HttpRequest, chosen: QuerySet[CpuDay], act: Any) -> None:
        if not self.may_act(request):
            self.message_user(request, _("You may not change what people may have."), messages.ERROR)
            return
        for person in Person.objects.filter(cpu_days__in=chosen).distinct():
            act(person, by(request))
        self.message_user(request, _("Done."))

    def may_act(self, request: HttpRequest) -> bool:
        return request.user.has_perm("allowances.change_allowance")


@admin.register(CpuRequest)
class CpuRequestAdmin(Read):
    list_display = ("made", "person", "course", "what", "seconds", "state", "granted_seconds", "by", "decided")
    list_filter = ("state", "what", "course")
    search_fields = ("person__username", "person__name")
    date_hierarchy = "made"


@admin.register(ExamTime)
class ExamTimeAdmin(Read):
    list_display = ("course", "starts", "ends", "by")
    list_filter = ("course",)
    date_hierarchy = "starts"


@admin.register(Change)
class ChangeAdmin(Read):
    list_display = ("at", "by", "what", "person", "course", "details")
    list_filter = ("what",)
    search_fields = ("person__username", "by__username")
    date_hierarchy = "at"


def by(request: HttpRequest) -> Person:
    return cast(Person, request.user)
