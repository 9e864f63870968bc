"""What a sheet may fetch: its fonts and its images. Import this late, for it imports WeasyPrint."""

from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

from messaging.sheet.fonts import FILES

# Addresses that exist only here: ../fonts/noto/… in the stylesheet becomes one of them.
BASE_URL = "https://bundled.invalid/css/sheet.css"
FONTS = {f"https://bundled.invalid/fonts/noto/{font.name}": font for font in FILES}
# The logo and the QR code, carried in the address itself.
IMAGES = ("data:image/png;base64,", "data:image/jpeg;base64,")


class Fetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if font := FONTS.get(url):
            return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/ttf"})
        if url.startswith(IMAGES):
            return super().fetch(url, headers)
        # Noted as well as refused: WeasyPrint goes on without, and hides what fails inside SVG.
        self.refused.append(url)
        raise ValueError
