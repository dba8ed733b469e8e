from django.urls import path

from azexport.notices import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices_read_all"),
    path("notices/<str:reference>/open/", views.open_notice, name="notice_open"),
]
