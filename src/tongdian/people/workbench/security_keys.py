"""Security keys and passkeys as a second factor of staff, mounted under /accounts/second-factor/keys/."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ListWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.forms import Form
from django.http import HttpResponse
from django.urls import path, reverse_lazy
from django.views.decorators.cache import never_cache

from tongdian.people.access import requires


class RemoveKey(RemoveWebAuthnView):
    """Remove a key, unless it is the last second factor of somebody who must have one."""

    template_name = "people/remove_key.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Form) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            form.add_error(None, get_adapter().validation_error("cannot_delete_authenticator"))
            return self.form_invalid(form)
        response: HttpResponse = super().form_valid(form)
        return response


def _second_factor(view: Any) -> Any:
    return requires("account.second_factor")(never_cache(view))


urlpatterns = [
    path("", _second_factor(ListWebAuthnView.as_view(template_name="people/keys.html")), name="mfa_list_webauthn"),
    path("add/", _second_factor(AddWebAuthnView.as_view(template_name="people/add_key.html")), name="mfa_add_webauthn"),
    path("<int:pk>/remove/", _second_factor(RemoveKey.as_view()), name="mfa_remove_webauthn"),
    path(
        "<int:pk>/name/",
        _second_factor(EditWebAuthnView.as_view(template_name="people/name_key.html")),
        name="mfa_edit_webauthn",
    ),
    path(
        "confirm/",
        _second_factor(ReauthenticateWebAuthnView.as_view(template_name="people/confirm_key.html")),
        name="mfa_reauthenticate_webauthn",
    ),
]
