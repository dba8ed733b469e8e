"""Addresses of letters."""

from django.urls import path

from azexport.appeals.views import desk, letters

urlpatterns = [
    path("letters/", letters.letter_list, name="letters"),
    path("letters/new/", letters.new, name="letter_new"),
    path("letters/desk/", desk.queue, name="desk_letters"),
    path("letters/desk/<str:reference>/", desk.letter, name="desk_letter"),
    path("letters/desk/<str:reference>/register/", desk.register, name="desk_letter_register"),
    path("letters/desk/<str:reference>/extend/", desk.extend, name="desk_letter_extend"),
    path("letters/desk/<str:reference>/forward/", desk.forward, name="desk_letter_forward"),
    path("letters/desk/<str:reference>/answer/", desk.answer, name="desk_letter_answer"),
    path("letters/desk/<str:reference>/answer/save/", desk.save, name="desk_letter_save"),
    path("letters/desk/<str:reference>/answer/files/", desk.files, name="desk_letter_files"),
    path(
        "letters/desk/<str:reference>/answer/files/<int:number>/remove/", desk.remove_file,
        name="desk_letter_remove_file",
    ),
    path("letters/desk/<str:reference>/answer/check/", desk.check, name="desk_letter_check"),
    path("letters/desk/<str:reference>/answer/reopen/", desk.reopen, name="desk_letter_reopen"),
    path("letters/<str:reference>/", letters.letter, name="letter"),
    path("letters/<str:reference>/body/", letters.body, name="letter_body"),
    path("letters/<str:reference>/edit/", letters.edit, name="letter_edit"),
    path("letters/<str:reference>/save/", letters.save, name="letter_save"),
    path("letters/<str:reference>/files/", letters.files, name="letter_files"),
    path("letters/<str:reference>/files/<int:number>/remove/", letters.remove_file, name="letter_remove_file"),
    path("letters/<str:reference>/check/", letters.check, name="letter_check"),
    path("letters/<str:reference>/reopen/", letters.reopen, name="letter_reopen"),
    path("letters/<str:reference>/delete/", letters.delete, name="letter_delete"),
    path("letters/<str:reference>/sent/", letters.sent, name="letter_sent"),
    path("letters/<str:reference>/follow-up/", letters.follow_up, name="letter_follow_up"),
]  # fmt: skip
