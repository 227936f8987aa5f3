"""Calls that were promised, and phone queues that offer texts; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import callbacks, settings_callbacks, settings_phone_queues

urlpatterns: list[URLPattern] = [
    path("callbacks/", callbacks.page, name="callbacks"),
    path("callbacks/<int:callback_id>/outcome/", callbacks.outcome, name="callback_outcome"),
    path("callbacks/<int:callback_id>/caller/", callbacks.caller, name="callback_caller"),
    path("callbacks/<int:callback_id>/time/", callbacks.move, name="callback_time"),
    path("callbacks/<int:callback_id>/call/", callbacks.call, name="callback_call"),
    path("c/<int:conversation_id>/callback/", callbacks.menu, name="callback_menu"),
    path("settings/callbacks/", settings_callbacks.page, name="settings_callbacks"),
    path("settings/phone-queues/", settings_phone_queues.queues, name="settings_phone_queues"),
    path("settings/phone-queues/add/", settings_phone_queues.add, name="settings_phone_queue_add"),
    path("settings/phone-queues/<int:queue_id>/", settings_phone_queues.queue, name="settings_phone_queue"),
    path("settings/phone-queues/<int:queue_id>/try/", settings_phone_queues.trial, name="settings_phone_queue_try"),
    path(
        "settings/phone-queues/<int:queue_id>/address/",
        settings_phone_queues.new_address,
        name="settings_phone_queue_address",
    ),
    path(
        "settings/phone-queues/<int:queue_id>/remove/",
        settings_phone_queues.remove,
        name="settings_phone_queue_remove",
    ),
]
