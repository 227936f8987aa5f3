"""What there is about a conversation as a whole: finding places in it, its files, its transcript."""

from django.urls import URLPattern, path

from twoway.desk import gallery, history, transcript

urlpatterns: list[URLPattern] = [
    path("c/<int:conversation_id>/history/", history.menu, name="history"),
    path("c/<int:conversation_id>/gallery/", gallery.gallery, name="gallery"),
    path("c/<int:conversation_id>/details/<int:message_id>/", history.details, name="text_details"),
    path("c/<int:conversation_id>/address/", history.address, name="our_address"),
    path("c/<int:conversation_id>/transcript/", transcript.choose, name="transcript"),
    path("c/<int:conversation_id>/transcript/<slug:kind>/", transcript.take, name="transcript_file"),
    path("c/<int:conversation_id>/print/", transcript.printed, name="print"),
]
