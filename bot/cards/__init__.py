"""People get a card here: a message with a link to connect a profile's accounts, which counts down and can be renewed.

Start with `model.py` (limits, states, what follows from each event), then `offer.py` (ask, pick, renew, open).
"""
