"""What may be a logo: small, and an image that browsers, printers and Pillow can all read."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image

MAX_KILOBYTES = 200
MAX_PIXELS = 2000
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


class NotALogo(ValueError):
    """Says in Swedish what to do about the file."""


@dataclass(frozen=True)
class Logo:
    content: bytes
    type: str

    @property
    def base64(self) -> str:
        return b64encode(self.content).decode()

    @property
    def data_url(self) -> str:
        return f"data:{self.type};base64,{self.base64}"


def check(content: bytes) -> Logo:
    """Raise NotALogo with what to do."""
    kilobytes = -(-len(content) // 1000)
    if kilobytes > MAX_KILOBYTES:
        raise NotALogo(
            _("Logotypen är %(size)d kB. Den får vara högst %(max)d kB.")
            % {"size": kilobytes, "max": MAX_KILOBYTES}
        )
    try:
        return _read(content)
    except NotALogo:
        raise
    except Exception:  # Pillow raises what the broken bytes made it raise
        raise NotALogo(_("Filen går inte att läsa. Välj en bild i PNG eller JPEG.")) from None


def _read(content: bytes) -> Logo:
    with _open(content) as image:
        image.verify()  # the checksums of PNG: decoding alone forgives a cut file
    with _open(content) as image:
        width, height = image.size
        # Before a pixel is decoded: a small file can hold an enormous image.
        if max(width, height) > MAX_PIXELS:
            raise NotALogo(
                _("Bilden är %(width)d × %(height)d bildpunkter. Den får vara högst %(max)d.")
                % {"width": width, "height": height, "max": MAX_PIXELS}
            )
        image.load()
        return Logo(content, TYPES[str(image.format)])


def _open(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content), formats=list(TYPES))
