"""The addresses the inbox templates build links with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse()


_DESK = [
    path("inbox/<str:view>/", nothing, name="inbox"),
    path("c/<int:conversation_id>/", nothing, name="conversation"),
    path("inbox/<str:view>/filter/", nothing, name="list_filter"),
    path("inbox/<str:view>/order/", nothing, name="list_order"),
    path("bulk/menu/<str:verb>/", nothing, name="bulk_menu"),
    *(
        path(f"{name}/", nothing, name=name)
        for name in (
            "settings", "profile", "simulator", "palette", "new_conversation", "meter", "live_ticket", "live_delta",
            "keys", "views", "view_new", "view_counts", "bulk",
        )
    ),
]  # fmt: skip

urlpatterns = [
    path("", include((_DESK, "desk"))),
    path("out/", nothing, name="account_logout"),
]
