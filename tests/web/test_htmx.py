import pytest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from web.htmx import page_or_partial


def answer(**headers):
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    return page_or_partial(request, "onboarding/worklist.html", {"rows": 3}, partial="rows")


class TestPageOrPartial:
    def test_is_the_whole_page_for_a_browser(self):
        response = answer()

        assert response.template_name == "onboarding/worklist.html"
        assert response.context_data == {"rows": 3}

    def test_is_the_partial_when_htmx_targets_the_element_of_that_name(self):
        response = answer(hx_request="true", hx_target="rows")

        assert response.template_name == "onboarding/worklist.html#rows"

    @pytest.mark.parametrize("target", ["secret", "rows.html", "", "../rows"])
    def test_lets_no_client_name_another_partial(self, target):
        response = answer(hx_request="true", hx_target=target)

        assert response.template_name == "onboarding/worklist.html"

    @pytest.mark.parametrize("headers", [{}, {"hx_request": "true", "hx_target": "rows"}])
    def test_tells_caches_that_the_two_differ(self, headers):
        assert answer(**headers).headers["Vary"] == "HX-Request, HX-Target"
