"""The search page; included by `desk.urls`."""

from django.urls import path

from twoway.desk import search

urlpatterns = [path("search/", search.search, name="search")]
