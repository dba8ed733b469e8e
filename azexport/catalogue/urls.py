"""Addresses of goods."""

from django.urls import path

from azexport.catalogue import views

urlpatterns = [
    path("goods/", views.goods, name="goods"),
    path("goods/add/", views.add, name="good_add"),
    path("goods/<str:reference>/", views.good, name="good"),
    path("goods/<str:reference>/change/", views.change, name="good_change"),
    path("goods/<str:reference>/publish/", views.publish, name="good_publish"),
    path("goods/<str:reference>/unpublish/", views.unpublish, name="good_unpublish"),
    path("made-in-azerbaijan/", views.made_in_azerbaijan, name="made_in_azerbaijan"),
    path("made-in-azerbaijan/<str:reference>/", views.public_good, name="public_good"),
]
