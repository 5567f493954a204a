"""The pages of CPU below /usage/, and that of exams below /courses/."""

from __future__ import annotations

from django.urls import path

from allowances import pages, staff_pages

urlpatterns = [
    path("usage/", pages.usage_page, name="usage"),
    path("usage/requests/", staff_pages.requests_page, name="usage_requests"),
    path("usage/<int:pk>/take-back/", pages.take_back, name="usage_take_back"),
    path("courses/<slug:slug>/exams/", staff_pages.exams_page, name="course_exams"),
]
