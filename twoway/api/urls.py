"""The API below /api/v1/, for a URL configuration; `door.short_road` is the quicker way in."""

from __future__ import annotations

from django.urls import re_path

from twoway.api.door import answer

app_name = "api"
urlpatterns = [re_path(r"^(?P<rest>.*)$", answer, name="answer")]
