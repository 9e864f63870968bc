"""What a sheet may fetch: its fonts and its logo. Import this late, for it imports WeasyPrint."""

from typing import Any

from django.conf import settings
from weasyprint.urls import URLFetcher, URLFetcherResponse

# Addresses that exist only here: ../fonts/noto/… in the stylesheet becomes one of them.
BASE_URL = "https://bundled.invalid/css/sheet.css"
FONTS = {
    f"https://bundled.invalid/fonts/noto/{name}": settings.BASE_DIR / "static/fonts/noto" / name
    for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")
}
LOGOS = ("data:image/png;base64,", "data:image/jpeg;base64,")


class Fetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if font := FONTS.get(url):
            return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/ttf"})
        if url.startswith(LOGOS):
            return super().fetch(url, headers)
        # Noted as well as refused: WeasyPrint goes on without, and hides what fails inside SVG.
        self.refused.append(url)
        raise ValueError
