from hypothesis import given
from hypothesis import strategies as st

from messaging.wording import difference
from messaging.wording.difference import Piece

words = st.text(alphabet="ab \n", max_size=40)


class TestBetween:
    def test_says_word_by_word_what_went_and_what_came(self):
        pieces = difference.between("Du har ett meddelande.", "Du har fått ett meddelande.")

        assert pieces == [
            Piece("Du har ", "same"),
            Piece("fått ", "added"),
            Piece("ett meddelande.", "same"),
        ]

    @given(words, words)
    def test_loses_nothing_of_either_text(self, old, new):
        pieces = difference.between(old, new)

        assert "".join(p.text for p in pieces if p.kind != "added") == old
        assert "".join(p.text for p in pieces if p.kind != "removed") == new
