"""Settings, Roles, and the devices of one's own; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import profile, settings_roles

urlpatterns = [
    path("profile/devices/<int:session_id>/out/", profile.sign_out_device, name="profile_sign_out_device"),
    path("settings/roles/", settings_roles.roles, name="settings_roles"),
    path("settings/roles/add/", settings_roles.add, name="settings_role_add"),
    path("settings/roles/<int:role_id>/", settings_roles.role, name="settings_role"),
    path("settings/roles/<int:role_id>/delete/", settings_roles.delete, name="settings_role_delete"),
]
