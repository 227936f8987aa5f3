"""Working the list: saved views, filters, order, folded groups, and many at once; included by `desk.urls`."""

from django.urls import path

from twoway.desk import inbox_bulk, inbox_lists, views_pages

urlpatterns = [
    path("inbox/<slug:view>/filter/", inbox_lists.list_filter, name="list_filter"),
    path("inbox/<slug:view>/order/", inbox_lists.list_order, name="list_order"),
    path("fold/", inbox_lists.fold, name="list_fold"),
    path("c/<int:conversation_id>/unread/", inbox_lists.unread, name="unread"),
    path("bulk/", inbox_bulk.bulk, name="bulk"),
    path("bulk/menu/<slug:verb>/", inbox_bulk.bulk_menu, name="bulk_menu"),
    path("bulk/<int:change_id>/undo/", inbox_bulk.bulk_undo, name="bulk_undo"),
    path("views/", views_pages.all_views, name="views"),
    path("views/new/", views_pages.new, name="view_new"),
    path("views/form/", views_pages.form, name="view_form"),
    path("views/counts/", views_pages.counts, name="view_counts"),
    path("views/<int:view_id>/", views_pages.edit, name="view_edit"),
    path("views/<int:view_id>/delete/", views_pages.delete, name="view_delete"),
    path("views/<int:view_id>/place/", views_pages.place, name="view_place"),
]
