"""Addresses of signing."""

from django.urls import path

from azexport.signatures import views

urlpatterns = [
    path("sign/<str:reference>/", views.sign, name="sign"),
    path("sign/<str:reference>/document", views.document, name="sign_document"),
    path("sign/<str:reference>/covered", views.covered, name="sign_covered"),
    path("sign/<str:reference>/certificate", views.certificate, name="sign_certificate"),
    path("sign/<str:reference>/signature", views.signature, name="sign_signature"),
    path("sign/<str:reference>/state", views.state, name="sign_state"),
    path("sign/<str:reference>/cancel", views.cancel, name="sign_cancel"),
]
