"""Addresses of this room."""

from django.urls import path

from azexport.permits import views

urlpatterns = [path("finder/", views.finder, name="finder")]
