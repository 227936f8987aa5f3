"""Working together in one conversation; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import together

urlpatterns: list[URLPattern] = [
    path("c/<int:conversation_id>/mentions/", together.mentions, name="mentions"),
    path("c/<int:conversation_id>/here/", together.here, name="here"),
]
