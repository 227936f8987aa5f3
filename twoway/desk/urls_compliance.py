"""The compliance centre; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import compliance_overview

urlpatterns = [
    path("compliance/", compliance_overview.overview, name="compliance"),
]
