"""Addresses of documents."""

from django.urls import path

from azexport.documents import views

urlpatterns = [path("documents/<str:reference>/", views.download, name="document")]
