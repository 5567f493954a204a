"""The pages below /courses/ that are about exercises and marks."""

from __future__ import annotations

from django.urls import path

from marks import conditions_page, pages, staff_pages

urlpatterns = [
    path("<slug:slug>/exercises/<slug:name>/", pages.exercise_page, name="exercise"),
    path("<slug:slug>/progress/", pages.progress_page, name="course_progress"),
    path("<slug:slug>/marks/", staff_pages.marks_page, name="course_marks"),
    path("<slug:slug>/marks/export.csv", staff_pages.export, name="course_marks_export"),
    path("<slug:slug>/marks/conditions/", conditions_page.conditions_page, name="course_marks_conditions"),
    path("<slug:slug>/marks/changes/", staff_pages.changes_page, name="course_marks_changes"),
    path("<slug:slug>/marks/again/<int:pk>/", staff_pages.remarking_page, name="course_marks_again"),
    path("<slug:slug>/marks/exercises/<slug:name>/", staff_pages.exercise_marks, name="course_marks_exercise"),
    path("<slug:slug>/marks/people/<slug:login>/", staff_pages.person_page, name="course_marks_person"),
    path(
        "<slug:slug>/marks/people/<slug:login>/<slug:name>/<int:number>/",
        staff_pages.attempt_page,
        name="course_marks_attempt",
    ),
]
