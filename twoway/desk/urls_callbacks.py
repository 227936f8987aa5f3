"""Calls that were promised, and phone queues that offer texts; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import callbacks, settings_callbacks

urlpatterns: list[URLPattern] = [
    path("callbacks/", callbacks.page, name="callbacks"),
    path("callbacks/<int:callback_id>/outcome/", callbacks.outcome, name="callback_outcome"),
    path("callbacks/<int:callback_id>/caller/", callbacks.caller, name="callback_caller"),
    path("callbacks/<int:callback_id>/time/", callbacks.move, name="callback_time"),
    path("callbacks/<int:callback_id>/call/", callbacks.call, name="callback_call"),
    path("c/<int:conversation_id>/callback/", callbacks.menu, name="callback_menu"),
    path("settings/callbacks/", settings_callbacks.page, name="settings_callbacks"),
]
