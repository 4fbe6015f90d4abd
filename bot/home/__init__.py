"""People see their profiles here and connect accounts; admins see everyone's, search, filter and manage them.

model.py     start here: the limits, and what a query, a row and a page are
home.py      `show_home` shows the Home tab; views.py draws it, row_views.py a profile's row and what its ⋯ menu offers
overview.py  `everyone`, `own_page`: which rows `/connect list` and Home show, and whom *Remind everyone* would ask
status.py    `open_status`: the window with one profile's accounts, for admins
redraw.py    `redraw_views`: what is open is drawn again when something has changed
store.py     a whole workspace's mappings and titles, cached; open_store.py: who has what open

What is connected now comes from bot/profiles/account_status.py.
"""
