import threading

import pytest
from django.db import connection

from messaging.sheet import actions, pdf
from messaging.sheet.models import SheetVersion
from tests.sheet.conftest import text_of


@pytest.fixture
def renderings(monkeypatch):
    """Every HTML that is made into a PDF from now on."""
    made = []
    render = pdf.render

    def noted(html):
        made.append(html)
        return render(html)

    monkeypatch.setattr(pdf, "render", noted)
    return made


class TestCurrent:
    def test_keeps_the_first_sheet_as_version_one(self, municipality):
        sheet = actions.current(municipality=municipality)

        kept = SheetVersion.objects.get()
        assert kept == sheet
        assert str(kept) == "Sheet sv 1"
        assert kept.html.startswith("<!DOCTYPE html>")
        assert "0121-181 00" in text_of(kept.pdf)

    def test_renders_each_wording_once(self, municipality, renderings):
        first, second = (actions.current(municipality=municipality) for _ in range(2))

        assert first == second
        assert len(renderings) == 1

    def test_makes_a_new_version_when_a_fact_changes(self, municipality):
        old = actions.current(municipality=municipality)
        municipality.switchboard = "0121-182 00"

        new = actions.current(municipality=municipality)

        assert new.version == old.version + 1
        assert "0121-182 00" in text_of(new.pdf)

    def test_leaves_the_versions_that_people_have_received_as_they_were(self, municipality):
        old = actions.current(municipality=municipality)
        municipality.switchboard = "0121-182 00"

        actions.current(municipality=municipality)

        old.refresh_from_db()
        assert "0121-181 00" in text_of(old.pdf)

    def test_finds_the_old_version_when_a_fact_is_changed_back(self, municipality, renderings):
        old = actions.current(municipality=municipality)
        municipality.switchboard = "0121-182 00"
        actions.current(municipality=municipality)
        municipality.switchboard = "0121-181 00"

        assert actions.current(municipality=municipality) == old
        assert len(renderings) == 2

    def test_keeps_one_when_another_worker_is_first(self, municipality, monkeypatch):
        render = pdf.render

        def render_while_another_does(html):
            monkeypatch.setattr(pdf, "render", render)
            actions.current(municipality=municipality)
            return render(html)

        monkeypatch.setattr(pdf, "render", render_while_another_does)

        sheet = actions.current(municipality=municipality)

        assert SheetVersion.objects.get() == sheet

    def test_keeps_nothing_that_cannot_be_rendered(self, municipality):
        municipality.name = "Skogens kommun 🌲"

        with pytest.raises(pdf.MissingGlyph):
            actions.current(municipality=municipality)

        assert not SheetVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestCurrentAtTheSameTime:
    def test_gives_each_wording_one_version_and_each_version_its_own_number(self, municipality):
        together = threading.Barrier(8)
        failed = []

        def ask(phone):
            municipality_here = type(municipality).objects.get()
            municipality_here.switchboard = phone
            together.wait(timeout=10)
            try:
                actions.current(municipality=municipality_here)
            except Exception as error:
                failed.append(error)
            finally:
                connection.close()

        phones = ["0121-181 00", "0121-182 00"] * 4
        threads = [threading.Thread(target=ask, args=[phone]) for phone in phones]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

        assert failed == []
        assert sorted(SheetVersion.objects.values_list("version", flat=True)) == [1, 2]
