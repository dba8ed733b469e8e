"""Addresses of the registry, of regulations and of their drafts."""

from django.urls import path

from azexport.services.views import registry

urlpatterns = [
    # the registry
    path("services/", registry.catalogue, name="registry"),
    path("services/bodies/", registry.bodies, name="registry_bodies"),
    path("services/pending/", registry.pending, name="registry_pending"),
    path("services/services.json", registry.download_json, name="registry_json"),
    path("services/services.csv", registry.download_csv, name="registry_csv"),
    path("services/<str:number>/", registry.service, name="registry_service"),
    path("services/<str:number>/history/", registry.history, name="registry_history"),
]
