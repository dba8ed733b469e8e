"""Addresses of this room."""

from django.urls import path

from azexport.cases.views import cases

urlpatterns = [
    path("cases/", cases.case_list, name="cases"),
    path("cases/<str:reference>/", cases.case_page, name="case"),
    path("cases/<str:reference>/state/", cases.case_state, name="case_state"),
    path("cases/<str:reference>/answer/", cases.answer, name="case_answer"),
    path("cases/<str:reference>/withdraw/", cases.withdraw, name="case_withdraw"),
]
