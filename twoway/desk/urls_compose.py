"""Replies that go later, replies that are taken back, and what a first text meets."""

from django.urls import URLPattern, path

from twoway.desk import first_text, later, thread, tone

urlpatterns: list[URLPattern] = [
    path("tone/", tone.guide, name="tone"),
    path("settings/tone/", tone.settings, name="settings_tone"),
    path("new/check/", first_text.check, name="new_check"),
    path("c/<int:conversation_id>/draft/now/", thread.draft, name="draft_now"),
    path("c/<int:conversation_id>/later/", later.later, name="later"),
    path("c/<int:conversation_id>/later/<int:later_id>/time/", later.move, name="later_move"),
    path("c/<int:conversation_id>/later/<int:later_id>/now/", later.now, name="later_now"),
    path("c/<int:conversation_id>/later/<int:later_id>/cancel/", later.cancel, name="later_cancel"),
    path("c/<int:conversation_id>/later/<int:later_id>/edit/", later.edit, name="later_edit"),
    path("c/<int:conversation_id>/undo/<int:message_id>/", later.undo, name="send_undo"),
]
