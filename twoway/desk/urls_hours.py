"""Settings, Hours; included by `desk.urls`."""

from django.urls import path

from twoway.desk import settings_hours

urlpatterns = [
    path("settings/hours/", settings_hours.overview, name="settings_hours"),
    path("settings/hours/add/", settings_hours.add, name="settings_hours_add"),
    path("settings/hours/<int:hours_id>/", settings_hours.one, name="settings_hours_one"),
    path("settings/hours/<int:hours_id>/delete/", settings_hours.delete, name="settings_hours_delete"),
]
