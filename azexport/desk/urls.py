"""Addresses of the desk."""

from django.urls import path

from azexport.desk.views import cases, decisions, entries, officers, queue

urlpatterns = [
    path("desk/", queue.queue, name="desk"),
    path("desk/registry/", queue.registry, name="desk_registry"),
    path("desk/officers/", officers.officers, name="desk_officers"),
    path("desk/officers/new/", officers.appoint, name="desk_officer_new"),
    path("desk/officers/<str:reference>/", officers.change, name="desk_officer"),
    path("desk/officers/<str:reference>/dismiss/", officers.dismiss, name="desk_officer_dismiss"),
    path("desk/cases/<str:reference>/", cases.case, name="desk_case"),
    path("desk/cases/<str:reference>/take-on/", cases.take_on, name="desk_take_on"),
    path("desk/cases/<str:reference>/steps/<str:step>/", cases.step, name="desk_step"),
    path("desk/cases/<str:reference>/steps/<str:step>/start/", cases.start_step, name="desk_step_start"),
    path("desk/cases/<str:reference>/ask/", cases.ask, name="desk_ask"),
    path("desk/cases/<str:reference>/ask/check/", cases.check_ask, name="desk_ask_check"),
    path("desk/cases/<str:reference>/refuse/", decisions.refuse, name="desk_refuse"),
    path("desk/cases/<str:reference>/refuse/explain/", decisions.explain, name="desk_refuse_explain"),
    path("desk/cases/<str:reference>/refuse/check/", decisions.check_refusal, name="desk_refuse_check"),
    path("desk/cases/<str:reference>/grant/", decisions.grant, name="desk_grant"),
    path("desk/cases/<str:reference>/entry/take-back/", entries.take_back, name="desk_entry_take_back"),
    path("desk/cases/<str:reference>/entry/<str:kind>/", entries.decide, name="desk_entry"),
    path("desk/cases/<str:reference>/grant/check/", decisions.check_grant, name="desk_grant_check"),
]
