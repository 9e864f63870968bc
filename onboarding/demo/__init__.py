"""The demo: one municipality, six staff and 40 invented people in every state of the checklist.

Numbers are Skatteverket's published test numbers, phones the series that belongs to nobody.
"""
