"""Settings, Automatic replies, and how promises went; included by `desk.urls`."""

from django.urls import path

from twoway.desk import greetings_report, settings_greetings

urlpatterns = [
    path("settings/replies/automatic/", settings_greetings.page, name="settings_greetings"),
    path("settings/replies/automatic/all/", settings_greetings.choose, name="settings_greetings_choose"),
    path("settings/replies/automatic/look/", settings_greetings.meter, name="settings_greetings_meter"),
    path("settings/replies/automatic/promises/", greetings_report.page, name="settings_promises"),
    path("settings/replies/automatic/<slug:kind>/", settings_greetings.save, name="settings_greeting"),
]
