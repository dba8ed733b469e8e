"""Addresses of the door."""

from django.urls import path

from azexport.parties import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/token", views.token, name="sign_in_token"),
    path("sign-in/confirm/", views.confirm, name="sign_in_confirm"),
    path("sign-in/register/", views.ask_register, name="sign_in_register"),
    path("sign-in/cancel/", views.cancel, name="sign_in_cancel"),
    path("sign-in/demo-keys/<str:name>", views.demo_key, name="demo_key"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("signed-out/", views.signed_out, name="signed_out"),
    path("invitation/", views.invitation, name="invitation"),
    path("invitation/decline/", views.decline_invitation, name="decline_invitation"),
    path("invitation/declined/", views.invitation_declined, name="invitation_declined"),
    path("invitation/<str:token>/", views.open_invitation, name="open_invitation"),
]
