"""The desk and the API as a WSGI application; asgi.py puts it behind a thread bridge."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoway.settings")
application = get_wsgi_application()
