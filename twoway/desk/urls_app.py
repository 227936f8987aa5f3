"""What browsers and mail programs ask for outside the desk's pages; nobody has to be signed in for it."""

from django.urls import path

from twoway.desk import pwa, unsubscribe

urlpatterns = [
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.worker, name="service_worker"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
