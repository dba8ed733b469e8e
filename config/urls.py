"""Addresses: each room brings its own."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    *[
        path("", include(f"azexport.{room}.urls"))
        for room in settings.ROOMS
        if f"azexport.{room}" in settings.INSTALLED_APPS and find_spec(f"azexport.{room}.urls")
    ],
]

handler400 = "azexport.kernel.http.bad_request"
handler403 = "azexport.kernel.http.forbidden"
handler404 = "azexport.kernel.http.not_found"
handler500 = "azexport.kernel.http.server_error"
