"""What browsers and mail programs ask for outside the desk's pages; nobody has to be signed in for it."""

from django.urls import path

from twoway.desk import pwa, unsubscribe, wallboard

urlpatterns = [
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.worker, name="service_worker"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("wall/<str:secret>/", wallboard.wall, name="wall"),
    path("wall/<str:secret>/now/", wallboard.wall_now, name="wall_now"),
    path("wall/<str:secret>/ticket/", wallboard.wall_ticket, name="wall_ticket"),
]
