"""Addresses of contracts."""

from django.urls import path

from azexport.contracts import views

urlpatterns = [
    path("contracts/", views.contracts, name="contracts"),
    path("contracts/new/", views.new, name="contract_new"),
    path("contracts/<str:reference>/", views.contract, name="contract"),
    path("contracts/<str:reference>/state/", views.state, name="contract_state"),
    path("contracts/<str:reference>/seller/", views.seller, name="contract_seller"),
    path("contracts/<str:reference>/goods/", views.goods, name="contract_goods"),
    path("contracts/<str:reference>/goods/add/", views.choose_good, name="contract_choose_good"),
    path("contracts/<str:reference>/goods/new/", views.line, name="contract_new_line"),
    path("contracts/<str:reference>/goods/<int:number>/", views.line, name="contract_line"),
    path("contracts/<str:reference>/goods/<int:number>/remove/", views.remove_line, name="contract_remove_line"),
    path("contracts/<str:reference>/check/", views.check, name="contract_check"),
    path("contracts/<str:reference>/sign/", views.sign, name="contract_sign"),
    path("contracts/<str:reference>/reopen/", views.reopen, name="contract_reopen"),
    path("contracts/<str:reference>/decline/", views.decline, name="contract_decline"),
    path("contracts/<str:reference>/withdraw/", views.withdraw, name="contract_withdraw"),
    path("contracts/<str:reference>/copy/", views.copy, name="contract_copy"),
    path("contracts/<str:reference>/invite/", views.invite, name="contract_invite"),
    path("contracts/<str:reference>/<str:section>/", views.section, name="contract_section"),
]
