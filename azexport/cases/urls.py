"""Addresses of this room."""

from django.urls import path

from azexport.cases import api
from azexport.cases.views import cases, filings, registers

urlpatterns = [
    path("cases/", cases.case_list, name="cases"),
    path("cases/<str:reference>/", cases.case_page, name="case"),
    path("cases/<str:reference>/state/", cases.case_state, name="case_state"),
    path("cases/<str:reference>/answer/", cases.answer, name="case_answer"),
    path("cases/<str:reference>/answer/reopen/", cases.reopen_answer, name="case_answer_reopen"),
    path("cases/<str:reference>/withdraw/", cases.withdraw, name="case_withdraw"),
    path("cases/<str:reference>/messages/<int:number>.xml", cases.standard_message, name="case_message"),
    path("registers/", registers.register_list, name="registers"),
    path("registers/<str:service>/", registers.register, name="register"),
    path("registers/<str:service>/register.csv", registers.register_csv, name="register_csv"),
    path("registers/<str:service>/<str:number>/", registers.register_entry, name="register_entry"),
    path("apply/<str:service>/", filings.apply, name="apply"),
    path("filings/", filings.filing_list, name="filings"),
    path("filings/<str:reference>/", filings.filing, name="filing"),
    path("filings/<str:reference>/tasks/<str:task>/", filings.task, name="filing_task"),
    path("filings/<str:reference>/check/", filings.check, name="filing_check"),
    path("filings/<str:reference>/submitted/", filings.submitted, name="filing_submitted"),
    path("filings/<str:reference>/reopen/", filings.reopen, name="filing_reopen"),
    path("filings/<str:reference>/renew/", filings.renew, name="filing_renew"),
    path("filings/<str:reference>/copy/", filings.copy, name="filing_copy"),
    path("filings/<str:reference>/abandon/", filings.abandon, name="filing_abandon"),
    path("api/filings", api.filings, name="api_filings"),
    path("api/filings/<str:reference>", api.filing, name="api_filing"),
    path("api/files", api.files, name="api_files"),
]
