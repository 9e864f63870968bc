"""What is stored is text and stays text: no element, attribute or address comes of it.

The daily suite looks at each page as the two who see most. `-m verification` goes everywhere, as
each kind of user.
"""

import pytest

from messaging.notices import texts
from messaging.sheet import document, published
from messaging.wording.kinds import Medium
from messaging.wording.models import Text
from staff.models import Municipality
from tests.access.markup import MARK, PAYLOADS, Reader, markup, spoil
from tests.access.world import SEES, World


@pytest.fixture
def spoiled(world) -> World:
    spoil(world)
    return world


class TestMarkup:
    @pytest.mark.parametrize("payload", [p for p in PAYLOADS if "<" in p or "=" in p])
    def test_is_found_where_nobody_escaped_it(self, payload):
        """Else the rest would prove nothing."""
        places = ("<p>{}</p>", '<p title="{}">x</p>', "<p title='{}'>x</p>")

        found = [markup(f"<!DOCTYPE html><title>x</title>{p.format(payload)}") for p in places]

        assert any(found)

    def test_is_found_in_an_address(self):
        assert markup('<!DOCTYPE html><a href=" javascript:kanari()//">x</a>')


class TestEveryPage:
    @pytest.mark.parametrize("who", ["support contact", "administrator"])
    def test_shows_what_is_stored_as_text(self, spoiled, who):
        reader = Reader(spoiled, who).look()

        assert reader.leaks == []
        assert len(reader.met) > 10

    @pytest.mark.verification
    @pytest.mark.parametrize("who", SEES)
    def test_shows_what_is_stored_as_text_wherever_one_goes(self, spoiled, who):
        assert Reader(spoiled, who).run().leaks == []


class TestWhatLeavesTheHouse:
    def test_is_an_email_that_says_it_as_text(self, spoiled):
        municipality = Municipality.load()

        for text in Text.objects.filter(medium=Medium.EMAIL):
            html = texts.render(text, municipality).html
            assert MARK in html
            assert markup(html) == []

    def test_is_a_sheet_that_says_it_as_text(self, spoiled):
        municipality = Municipality.load()

        for language in published.available():
            text = published.find(language.code)
            for layout in (document.standalone, document.fragment):
                html = layout(text, municipality=municipality)
                assert MARK in html
                assert markup(html) == []
