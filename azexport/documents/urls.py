"""Addresses of documents and papers."""

from django.urls import path

from azexport.documents.views import documents, papers

urlpatterns = [
    path("documents/<str:reference>/", documents.download, name="document"),
    path("papers/<str:reference>/", papers.paper, name="paper"),
    path("papers/<str:reference>/state/", papers.state, name="paper_state"),
    path("papers/<str:reference>/back/", papers.back, name="paper_back"),
]
