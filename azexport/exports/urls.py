"""Addresses of applications and operations."""

from django.urls import path

from azexport.exports import views

urlpatterns = [
    path("applications/", views.application_list, name="application_list"),
    path("applications/new/", views.application_new, name="application_new"),
    path("applications/<str:reference>/", views.application, name="application"),
    path("applications/<str:reference>/goods/", views.goods, name="application_goods"),
    path("applications/<str:reference>/permits/", views.permits, name="application_permits"),
    path("applications/<str:reference>/questions/<slug:section>/", views.questions, name="application_questions"),
    path("applications/<str:reference>/promotion/", views.promotion, name="application_promotion"),
    path("applications/<str:reference>/check/", views.check, name="application_check"),
    path("applications/<str:reference>/sign/", views.sign, name="application_sign"),
    path("applications/<str:reference>/sign/state/", views.sign_state, name="application_sign_state"),
    path("applications/<str:reference>/submitted/", views.submitted, name="application_submitted"),
    path("applications/<str:reference>/reopen/", views.reopen, name="application_reopen"),
    path("applications/<str:reference>/delete/", views.delete, name="application_delete"),
    path("operations/<str:reference>/", views.operation, name="operation"),
    path("operations/<str:reference>/state/", views.operation_state, name="operation_state"),
    path("operations/<str:reference>/declare/", views.declare, name="operation_declare"),
    path("operations/<str:reference>/dossier.zip", views.dossier, name="operation_dossier"),
]
