from django.urls import path

from azexport.gateway import views

urlpatterns = [path("exchange/messages", views.messages, name="exchange_messages")]
