"""A text is changed by one and published by another, and the keys do what the buttons do."""

from playwright.sync_api import expect

from tests.browser.journey import heading, press, status

HEADING, ADDRESS = "Test av nummer, sms, svenska", "/texter/test/sms/sv/"
WORDS = "Test från {kommunen}. Numret stämmer om du läser detta. Det går inte att svara."


def test_a_text_is_sent_for_approval_by_ctrl_enter_and_published_by_a_colleague(signed_in):
    page = signed_in("Erik Lind")
    page.goto(ADDRESS)
    body = page.get_by_role("textbox", name="Text")
    # The button that replaces the quotation marks stands before the primary one.
    body.fill(f"”{WORDS}”")
    expect(page.get_by_role("button", name="Byt ut tecknen")).to_be_visible()
    with page.expect_event("load"):
        body.press("Control+Enter")
    status(page, "Texten väntar på att en kollega godkänner den.")
    expect(page.get_by_role("button", name="Publicera version 2")).not_to_be_visible()

    colleague = signed_in("Mona Dahl")
    colleague.goto(ADDRESS)
    heading(colleague, HEADING)
    press(colleague, "Publicera version 2")
    status(colleague, "Texten är publicerad.")
    expect(colleague.get_by_role("textbox", name="Text")).to_have_value(f"”{WORDS}”")
