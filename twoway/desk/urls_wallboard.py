"""The wallboard and the staffing forecast; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import forecast, settings_wallboard, wallboard

urlpatterns = [
    path("forecast/", forecast.forecast, name="forecast"),
    path("forecast/export.csv", forecast.forecast_csv, name="forecast_csv"),
    path("forecast/terms/", forecast.forecast_terms, name="forecast_terms"),
    path("wallboard/", wallboard.wallboard, name="wallboard"),
    path("wallboard/now/", wallboard.wallboard_now, name="wallboard_now"),
    path("wallboard/ticket/", wallboard.wallboard_ticket, name="wallboard_ticket"),
    path("settings/wallboard/", settings_wallboard.page, name="settings_wallboard"),
    path("settings/wallboard/everybody/", settings_wallboard.everybody, name="settings_wallboard_everybody"),
    path("settings/wallboard/add/", settings_wallboard.add, name="settings_wallboard_add"),
    path("settings/wallboard/<int:link_id>/renew/", settings_wallboard.renew, name="settings_wallboard_renew"),
    path("settings/wallboard/<int:link_id>/revoke/", settings_wallboard.revoke, name="settings_wallboard_revoke"),
]
