"""magics, cards, widgets."""
