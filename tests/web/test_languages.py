from web import languages


class TestNamed:
    def test_knows_each_language_by_its_own_name_and_direction(self):
        assert languages.named("ar").own_name == "العربية"
        assert languages.named("ar").direction == "rtl"
        assert languages.named("so").direction == "ltr"

    def test_reads_an_unknown_code_as_swedish(self):
        assert languages.named("xx").code == "sv"
