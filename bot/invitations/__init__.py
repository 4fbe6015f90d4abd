"""People ask a colleague, several, or admins a whole user group, to connect accounts to their profiles.

model.py           start here: how often anybody may be asked, how long a request waits, what it is
send.py            `invite` asks one person; group/send.py: `ask_people`, `ask_group`, `ask_disconnected`
deliver.py         `on_due` brings it to its recipient, or ends it
respond.py         its recipient takes a link (`get_link`), postpones it (`postpone`), mutes or unmutes requests
nudge.py           `nudge_people`: it is sent again; group/nudge.py for a group
sender_receipt.py  `draw_receipt`, `draw_progress`: its sender is kept up to date in one message
transitions.py     its states, and what may follow what
"""
