"""Queues, who is there, and what happens by rule; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import presence_menu, routing_next

urlpatterns: list[URLPattern] = [
    path("presence/", presence_menu.choose, name="presence"),
    path("presence/here/", presence_menu.here, name="presence_here"),
    path("presence/<int:member_id>/", presence_menu.choose_for, name="presence_for"),
    path("queues/next/", routing_next.next_one, name="queue_next"),
    path("c/<int:conversation_id>/hints/<int:hint_id>/close/", routing_next.hint_closed, name="hint_closed"),
]
