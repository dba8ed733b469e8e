"""Addresses: each room brings its own."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path
from django.views.i18n import set_language

from azexport.kernel.http import PUBLIC, audience

urlpatterns = [
    path("language/", audience(PUBLIC)(set_language), name="set_language"),
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
