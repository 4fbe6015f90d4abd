"""Client links: a page of ours for people who are in nobody's Slack, whose button makes a link for them.

model.py            start here: a client link, its limits, what follows from each event
create.py           somebody in Slack, or an app, makes one
visit.py            a browser opens the page (which changes nothing), presses its button, comes back
revoke.py, extend.py  it is ended early, by a person or because its maker may no longer have made it; it gets more time
receipt.py          whoever made it is told of each use
page_views.py       the HTML, pure; the routes are in bot/http/client_pages.py
"""
