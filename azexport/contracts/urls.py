"""Addresses of contracts."""

from django.urls import path

from azexport.contracts.views import contracts, drafts, goods, signing

urlpatterns = [
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/new/", drafts.new, name="contract_new"),
    path("contracts/<str:reference>/", contracts.contract, name="contract"),
    path("contracts/<str:reference>/state/", contracts.state, name="contract_state"),
    path("contracts/<str:reference>/seller/", drafts.seller, name="contract_seller"),
    path("contracts/<str:reference>/goods/", goods.goods, name="contract_goods"),
    path("contracts/<str:reference>/goods/add/", goods.choose_good, name="contract_choose_good"),
    path("contracts/<str:reference>/goods/new/", goods.line, name="contract_new_line"),
    path("contracts/<str:reference>/goods/<int:number>/", goods.line, name="contract_line"),
    path("contracts/<str:reference>/goods/<int:number>/remove/", goods.remove_line, name="contract_remove_line"),
    path("contracts/<str:reference>/check/", drafts.check, name="contract_check"),
    path("contracts/<str:reference>/sign/", signing.sign, name="contract_sign"),
    path("contracts/<str:reference>/reopen/", signing.reopen, name="contract_reopen"),
    path("contracts/<str:reference>/decline/", signing.decline, name="contract_decline"),
    path("contracts/<str:reference>/withdraw/", signing.withdraw, name="contract_withdraw"),
    path("contracts/<str:reference>/copy/", drafts.copy, name="contract_copy"),
    path("contracts/<str:reference>/invite/", signing.invite, name="contract_invite"),
    path("contracts/<str:reference>/<str:section>/", drafts.section, name="contract_section"),
]
