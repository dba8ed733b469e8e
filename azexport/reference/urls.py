"""Addresses of the code lists."""

from django.urls import path

from azexport.reference import views

urlpatterns = [path("reference/commodities", views.commodities, name="commodities")]
