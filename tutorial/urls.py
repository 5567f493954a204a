"""The pages of courses that are made of tutorials, and publishing them. After those that have names of their own."""

from __future__ import annotations

from django.urls import path

from tutorial import preview, publishing_views, views

urlpatterns = [
    path("<slug:slug>/", views.course_page, name="course"),
    path("<slug:slug>/files/<path:file>", views.course_file, name="course_file"),
    path("<slug:slug>/preview/", preview.overview, name="course_preview"),
    path("<slug:slug>/preview/files/<path:file>", preview.file, name="course_preview_file"),
    path("<slug:slug>/preview/<slug:name>/", preview.tutorial, name="tutorial_preview"),
    path("<slug:slug>/publish/", publishing_views.publish_page, name="course_publish"),
    path("<slug:slug>/publish/start", publishing_views.start, name="edition_publish"),
    path("<slug:slug>/publish/hide", publishing_views.hide, name="edition_hide"),
    path("<slug:slug>/publish/show", publishing_views.show, name="edition_show"),
    path("<slug:slug>/publish/zip", publishing_views.export, name="edition_export"),
    path("<slug:slug>/publish/import", publishing_views.import_zip, name="edition_import"),
    path("<slug:slug>/<slug:name>/", views.tutorial_page, name="tutorial"),
]
