"""The compliance centre; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import compliance_overview, compliance_pacing, compliance_quiet

urlpatterns = [
    path("compliance/", compliance_overview.overview, name="compliance"),
    path("compliance/quiet/", compliance_quiet.quiet, name="compliance_quiet"),
    path("compliance/quiet/try/", compliance_quiet.attempt, name="compliance_quiet_try"),
    path("compliance/quiet/edit/", compliance_quiet.edit, name="compliance_quiet_edit"),
    path("compliance/purposes/", compliance_pacing.overview, name="compliance_pacing"),
    path("compliance/purposes/add/", compliance_pacing.add, name="compliance_pacing_add"),
    path("compliance/purposes/guard/", compliance_pacing.guard_settings, name="compliance_pacing_guard"),
    path("compliance/purposes/first-texts/", compliance_pacing.policy, name="compliance_pacing_policy"),
    path("compliance/purposes/of/<slug:slug>/", compliance_pacing.purpose, name="compliance_pacing_purpose"),
    path("compliance/purposes/of/<slug:slug>/retire/", compliance_pacing.retire, name="compliance_pacing_retire"),
]
