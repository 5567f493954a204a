"""The pages below /courses/ that are about people and settings. Those of what is taught are tutorial's and marks'."""

from __future__ import annotations

from django.urls import path

from courses import people_pages, settings_page, views

urlpatterns = [
    path("", views.mine, name="courses"),
    path("new/", views.new, name="course_new"),
    path("join/", views.join, name="course_join"),
    path("<slug:slug>/people/", people_pages.people_page, name="course_people"),
    path("<slug:slug>/people/import/", people_pages.import_page, name="course_import"),
    path("<slug:slug>/people/links/", people_pages.links_page, name="course_links"),
    path("<slug:slug>/settings/", settings_page.settings_page, name="course_settings"),
    path("<slug:slug>/log/", views.log, name="course_log"),
]
