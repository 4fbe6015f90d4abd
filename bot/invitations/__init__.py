"""People ask a colleague, or admins a whole user group, to connect accounts to their profiles.

A request is made in `send.py` (`group/send.py` for a group), reaches its recipient in `deliver.py` and is answered in
`respond.py`; its states are in `transitions.py`, how often anybody may be asked at the top of `model.py`.
"""
