"""Settings, Two people; included by `desk.urls`."""

from django.urls import path

from twoway.desk import settings_two_people

urlpatterns = [
    path("settings/two-people/", settings_two_people.page, name="settings_two_people"),
    path("settings/two-people/rules/", settings_two_people.rules, name="settings_two_people_rules"),
    path("settings/two-people/<int:approval_id>/agree/", settings_two_people.agree, name="settings_two_people_agree"),
    path(
        "settings/two-people/<int:approval_id>/decline/",
        settings_two_people.decline,
        name="settings_two_people_decline",
    ),
    path("settings/two-people/<int:approval_id>/back/", settings_two_people.take_back, name="settings_two_people_back"),
    path("settings/two-people/<int:approval_id>/file/", settings_two_people.take, name="settings_two_people_file"),
]
