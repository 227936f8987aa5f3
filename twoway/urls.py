"""Every page and endpoint Django answers; webhooks and the live stream are in asgi.py."""

from django.urls import include, path

urlpatterns = [
    path("", include("twoway.desk.urls")),
]
