"""Pages for people without an account. Not in the desk's namespace: nobody is asked to sign in for them."""

from django.urls import path

from twoway.desk import optin_page

urlpatterns = [
    path("<slug:slug>/", optin_page.join, name="join"),
    path("<slug:slug>/embed/", optin_page.embed, name="join_embed"),
    path("<slug:slug>/card/", optin_page.card, name="join_card"),
]
