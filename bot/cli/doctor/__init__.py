"""`doctor`: what is wrong with a bot's set-up, row by row, each with what to do about it.

finding.py       a row, and how every row is always there
settings.py      which settings are wrong, and what can be checked all the same
slack.py         token, scopes, signing secret, app-level token, clock
slack_answers.py what Slack says to a call
redis.py         version, append-only file, eviction, memory
redis_access.py  who else may write there
keys.py          whether every stored profile key opens
ayrshare.py      API key and plan, and then:
links.py         private key, and links for a mapped profile
webhook.py       whether Ayrshare tells this bot what got linked
refusals.py      what any call of Ayrshare may be refused for
public_url.py    whether the bot can be reached from outside
report.py        the table and the JSON
command.py       all of it at once

Nothing secret is shown: of errors only their names, of addresses only the host.
"""

from bot.cli.doctor.command import doctor

__all__ = ["doctor"]
