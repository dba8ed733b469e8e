"""Addresses of this room."""

from django.urls import path

from azexport.cases import views

urlpatterns = [
    path("cases/", views.case_list, name="cases"),
    path("cases/<str:reference>/", views.case_page, name="case"),
    path("cases/<str:reference>/state/", views.case_state, name="case_state"),
    path("cases/<str:reference>/answer/", views.answer, name="case_answer"),
    path("cases/<str:reference>/withdraw/", views.withdraw, name="case_withdraw"),
]
