"""How a member reads times; included by `desk.urls`."""

from django.urls import path

from twoway.desk import times

urlpatterns = [
    path("profile/times/", times.page, name="times"),
    path("profile/times/zone/", times.suggested, name="times_suggested"),
]
