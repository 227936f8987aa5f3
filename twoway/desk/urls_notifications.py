"""Notifications; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import notifications_list, notifications_settings

urlpatterns = [
    path("notifications/", notifications_list.page, name="notifications"),
    path("notifications/news/", notifications_list.news, name="notifications_news"),
    path("notifications/read/", notifications_list.read, name="notifications_read"),
    path("notifications/pause/", notifications_list.pause, name="notifications_pause"),
    path("notifications/<int:notification_id>/", notifications_list.opened, name="notification"),
    path("c/<int:conversation_id>/mute/", notifications_list.mute, name="mute"),
    path("c/<int:conversation_id>/muted/", notifications_list.muted, name="muted"),
    path("settings/notifications/", notifications_settings.settings, name="notify"),
    path("settings/notifications/key/", notifications_settings.push_key, name="notify_key"),
    path("settings/notifications/devices/add/", notifications_settings.device_add, name="notify_device_add"),
    path("settings/notifications/devices/forget/", notifications_settings.device_forget, name="notify_device_forget"),
    path(
        "settings/notifications/devices/<int:device_id>/remove/",
        notifications_settings.device_remove,
        name="notify_device_remove",
    ),
    path(
        "settings/notifications/devices/<int:device_id>/test/",
        notifications_settings.device_test,
        name="notify_device_test",
    ),
]
