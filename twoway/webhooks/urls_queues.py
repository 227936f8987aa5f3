"""Where phone systems post the state of their queues. No account: the address is the key."""

from django.urls import path

from twoway.webhooks import queues

urlpatterns = [
    path("<str:hook>/", queues.state, name="phone_queue_state"),
    path("<str:hook>/answer/", queues.answer, name="phone_queue_answer"),
]
