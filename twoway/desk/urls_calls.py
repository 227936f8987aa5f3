"""Calls; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import calls, settings_calls, simulator_calls

urlpatterns: list[URLPattern] = [
    path("c/<int:conversation_id>/call/", calls.menu, name="call_menu"),
    path("calls/<int:call_id>/end/", calls.end, name="call_end"),
    path("calls/<int:call_id>/outcome/", calls.outcome, name="call_outcome"),
    path("profile/phone/", calls.own_phone, name="profile_phone"),
    path("settings/calls/", settings_calls.page, name="settings_calls"),
    path("settings/calls/<int:channel_id>/", settings_calls.number, name="settings_calls_number"),
    path("settings/calls/<int:channel_id>/connect/", settings_calls.connect, name="settings_calls_connect"),
    path("simulator/call/", simulator_calls.call, name="simulator_call"),
    path("simulator/call/<slug:call_id>/<slug:deed>/", simulator_calls.act, name="simulator_call_act"),
]
