"""The API below /api/v1/: one address, since the API finds its operations itself and answers for the rest too."""

from __future__ import annotations

from django.urls import re_path

from twoway.api.door import answer

app_name = "api"
urlpatterns = [re_path(r"^(?P<rest>.*)$", answer, name="answer")]
