"""Every page and endpoint Django answers; webhooks and the live stream are in asgi.py."""

from django.urls import include, path

from twoway.ops import health

handler403 = "twoway.desk.errors.forbidden"
handler404 = "twoway.desk.errors.missing"
handler500 = "twoway.desk.errors.broken"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", include("twoway.api.urls")),
    path("account/", include("twoway.desk.urls_account")),
    path("join/", include("twoway.desk.urls_public")),
    path("queues/", include("twoway.webhooks.urls_queues")),
    path("", include("twoway.desk.urls_app")),
    path("", include("twoway.desk.urls")),
]
