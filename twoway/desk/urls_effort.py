"""Time texting; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import effort

urlpatterns = [
    path("effort/", effort.tell, name="effort_tell"),
    path("settings/time/", effort.page, name="effort"),
    path("settings/time/mine/", effort.take_part, name="effort_mine"),
    path("settings/time/all/", effort.measure, name="effort_all"),
]
