"""Addresses for machines."""

from django.urls import path

from azexport.gateway import api, views

urlpatterns = [
    path("exchange/messages", views.messages, name="exchange_messages"),
    path("api/openapi.json", api.openapi, name="api_openapi"),
    path("api/services", api.services, name="api_services"),
    path("api/services/<str:number>", api.service, name="api_service"),
    path("api/providers", api.providers, name="api_providers"),
    path("api/activities", api.activities, name="api_activities"),
]
