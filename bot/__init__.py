"""connectbot: people connect their social accounts to Ayrshare without leaving Slack.

Start with app.py, which puts everything together. Each folder is a feature, or a layer that the features share.
"""

VERSION = "0.1.0"
