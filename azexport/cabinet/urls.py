"""Addresses of the cabinet."""

from django.urls import path

from azexport.cabinet import views

urlpatterns = [
    path("cabinet/", views.dashboard, name="cabinet"),
    path("cabinet/settings/", views.settings, name="cabinet_settings"),
]
