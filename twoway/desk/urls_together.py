"""Working together in one conversation; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import settings_answering, together, together_handing

urlpatterns: list[URLPattern] = [
    path("c/<int:conversation_id>/mentions/", together.mentions, name="mentions"),
    path("c/<int:conversation_id>/here/", together.here, name="here"),
    path("c/<int:conversation_id>/handover/", together_handing.hand_over, name="hand_over"),
    path("c/<int:conversation_id>/handover/seen/", together_handing.handover_seen, name="handover_seen"),
    path("c/<int:conversation_id>/follow/", together_handing.follow, name="follow"),
    path("settings/answering/", settings_answering.page, name="settings_answering"),
    path("settings/answering/workspace/", settings_answering.workspace, name="settings_answering_workspace"),
    path("settings/answering/team/", settings_answering.team, name="settings_answering_team"),
    path("settings/answering/own/", settings_answering.own, name="settings_answering_own"),
]
