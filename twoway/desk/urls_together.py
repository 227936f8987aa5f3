"""Working together in one conversation; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import together, together_handing

urlpatterns: list[URLPattern] = [
    path("c/<int:conversation_id>/mentions/", together.mentions, name="mentions"),
    path("c/<int:conversation_id>/here/", together.here, name="here"),
    path("c/<int:conversation_id>/handover/", together_handing.hand_over, name="hand_over"),
    path("c/<int:conversation_id>/handover/seen/", together_handing.handover_seen, name="handover_seen"),
    path("c/<int:conversation_id>/follow/", together_handing.follow, name="follow"),
]
