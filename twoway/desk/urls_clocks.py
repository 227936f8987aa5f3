"""Reply times: the policies in the settings, and the clocks of a conversation; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import clocks_shown, settings_clocks

urlpatterns: list[URLPattern] = [
    path("settings/reply-times/", settings_clocks.overview, name="settings_clocks"),
    path("settings/reply-times/add/", settings_clocks.add, name="settings_clock_add"),
    path("settings/reply-times/<int:policy_id>/", settings_clocks.policy, name="settings_clock"),
    path("settings/reply-times/<int:policy_id>/move/", settings_clocks.move, name="settings_clock_move"),
    path("settings/reply-times/<int:policy_id>/delete/", settings_clocks.delete, name="settings_clock_delete"),
    path("c/<int:conversation_id>/clocks/", clocks_shown.clocks, name="clocks"),
    path("c/<int:conversation_id>/clocks/later/", clocks_shown.later, name="clocks_later"),
]
