import io
import subprocess

import pikepdf
import pytest
from PIL import Image

from staff.models import Municipality


@pytest.fixture
def municipality(db):
    municipality = Municipality.load()
    municipality.name = "Söderköpings kommun"
    municipality.website = "soderkoping.se"
    municipality.switchboard = "0121-181 00"
    municipality.save()
    return municipality


@pytest.fixture
def logo():
    """PNG, four times as wide as it is high."""
    file = io.BytesIO()
    Image.new("RGB", (400, 100), "#336699").save(file, "PNG")
    return file.getvalue()


def opened(pdf):
    return pikepdf.open(io.BytesIO(bytes(pdf)))


def text_of(pdf):
    """The words in reading order, with single spaces."""
    reading = subprocess.run(
        ["pdftotext", "-", "-"], input=bytes(pdf), capture_output=True, check=True
    )
    return " ".join(reading.stdout.decode().split())
