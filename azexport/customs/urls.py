"""Addresses of declarations."""

from django.urls import path

from azexport.customs import views

urlpatterns = [
    path("declarations/", views.declarations, name="declarations"),
    path("declarations/<str:reference>/", views.declaration, name="declaration"),
    path("declarations/<str:reference>/state/", views.state, name="declaration_state"),
    path("declarations/<str:reference>/transport/", views.transport, name="declaration_transport"),
    path("declarations/<str:reference>/check/", views.check, name="declaration_check"),
    path("declarations/<str:reference>/sign/", views.sign, name="declaration_sign"),
    path("declarations/<str:reference>/reopen/", views.reopen, name="declaration_reopen"),
    path("declarations/<str:reference>/discard/", views.discard, name="declaration_discard"),
    path("declarations/<str:reference>/again/", views.again, name="declaration_again"),
]
