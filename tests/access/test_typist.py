"""Whatever is typed in any form: no error page, nothing stored that cannot be read, nothing lost.

The daily suite fills in each form twice; `-m verification` fills them in some thousand times.
"""

from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.typist import ANYTHING, HOSTILE, ODD, Blank, blanks, send
from tests.access.world import SEES, World

# Together they meet every form that there is.
BY_DAY = ["anonymous", "manager", "support contact", "administrator", "log reviewer"]
EXAMPLES = 25


class TestEveryForm:
    def test_bears_what_nobody_should_type(self, world):
        forms = blanks(world, BY_DAY, each_page_once=True).values()
        hostile, odd = cycle(HOSTILE), cycle(ODD)

        faults = []
        for blank in forms:
            faults += send(world, blank, {name: next(hostile) for name in blank.boxes})
            faults += send(world, blank, {name: next(odd) for name in blank.names})

        assert faults == []
        assert len(forms) > 40

    @pytest.mark.verification
    @pytest.mark.parametrize("who", SEES)
    def test_bears_anything(self, world, who, subtests):
        for blank in blanks(world, [who], each_page_once=False).values():
            with subtests.test(f"{blank}"):
                self._type_much(world, blank)

    def _type_much(self, world: World, blank: Blank) -> None:
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
        @given(st.dictionaries(st.sampled_from(blank.names), ANYTHING, min_size=1, max_size=3))
        def bears(typed):
            assert send(world, blank, typed) == []

        bears()
