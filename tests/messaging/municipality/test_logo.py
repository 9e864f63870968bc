from io import BytesIO

import pytest
from PIL import Image

from messaging.municipality import logo


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


class TestCheck:
    @pytest.mark.parametrize(("kind", "type_"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
    def test_knows_the_type_from_the_bytes(self, kind, type_):
        content = picture(kind)

        assert logo.check(content) == logo.Logo(content, type_)

    def test_takes_the_largest_that_is_allowed(self):
        assert logo.check(picture(size=(2000, 10)))

    def test_refuses_one_pixel_more(self):
        with pytest.raises(logo.NotALogo, match="2001 × 10 bildpunkter"):
            logo.check(picture(size=(2001, 10)))

    def test_refuses_an_enormous_image_before_it_is_decoded(self):
        with pytest.raises(logo.NotALogo, match="bildpunkter"):
            logo.check(picture(size=(8000, 8000), mode="1"))

    def test_refuses_large_files(self):
        with pytest.raises(logo.NotALogo, match=r"är 201 kB\. Den får vara högst 200 kB"):
            logo.check(picture() + bytes(200_000))

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"%PDF-1.7",
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            picture("GIF"),
            picture("BMP"),
            picture()[:45],
            picture()[:8] + bytes(100),
            picture("JPEG")[:200],
        ],
        ids=["empty", "pdf", "svg", "gif", "bmp", "cut png", "broken png", "cut jpeg"],
    )
    def test_refuses_everything_else(self, content):
        with pytest.raises(logo.NotALogo, match="PNG eller JPEG"):
            logo.check(content)
