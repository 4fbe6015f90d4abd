"""Client links: a page of ours for people who are in nobody's Slack, whose button makes a link for them.

model.py       start here: a client link, its limits, what follows from each event
create.py      `create_for_person` for somebody in Slack, `create` for an app
visit.py       a browser `look`s at the page, which changes nothing, `press`es its button, and may `come_back`
access.py      who may make one, and whether one may still be used
extend.py      `extend`: it gets more time and more uses
revoke.py      `revoke_for` a person, `end_client_links` because its maker may no longer have made it
list_links.py  `client_links_of`: those that somebody sees
receipt.py     `draw_receipt`: whoever made it is told of each use
page_views.py  the HTML, pure; the routes are in bot/http/client_pages.py
"""
