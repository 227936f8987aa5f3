"""Queues, who is there, and what happens by rule; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import presence_menu

urlpatterns: list[URLPattern] = [
    path("presence/", presence_menu.choose, name="presence"),
    path("presence/here/", presence_menu.here, name="presence_here"),
    path("presence/<int:member_id>/", presence_menu.choose_for, name="presence_for"),
]
