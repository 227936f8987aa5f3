"""The set-up as a checklist; included by `desk.urls`."""

from django.urls import path

from twoway.desk import setup_steps

urlpatterns = [
    path("setup/steps/", setup_steps.page, name="setup_steps"),
    path("setup/steps/goal/", setup_steps.goal, name="setup_goal"),
    path("setup/steps/hide/", setup_steps.hide, name="setup_hide"),
    path("setup/steps/<slug:key>/apart/", setup_steps.apart, name="setup_apart"),
]
