"""Addresses of applications and operations."""

from django.urls import path

from azexport.exports.views import applications, operations, signature

urlpatterns = [
    path("applications/", applications.application_list, name="application_list"),
    path("applications/new/", applications.application_new, name="application_new"),
    path("applications/<str:reference>/", applications.application, name="application"),
    path("applications/<str:reference>/goods/", applications.goods, name="application_goods"),
    path("applications/<str:reference>/permits/", applications.permits, name="application_permits"),
    path(
        "applications/<str:reference>/questions/<slug:section>/", applications.questions, name="application_questions"
    ),
    path("applications/<str:reference>/promotion/", applications.promotion, name="application_promotion"),
    path("applications/<str:reference>/check/", applications.check, name="application_check"),
    path("applications/<str:reference>/sign/", signature.sign, name="application_sign"),
    path("applications/<str:reference>/submitted/", signature.submitted, name="application_submitted"),
    path("applications/<str:reference>/reopen/", signature.reopen, name="application_reopen"),
    path("applications/<str:reference>/delete/", applications.delete, name="application_delete"),
    path("operations/<str:reference>/", operations.operation, name="operation"),
    path("operations/<str:reference>/state/", operations.operation_state, name="operation_state"),
    path("operations/<str:reference>/declare/", operations.declare, name="operation_declare"),
    path("operations/<str:reference>/dossier.zip", operations.dossier, name="operation_dossier"),
]
