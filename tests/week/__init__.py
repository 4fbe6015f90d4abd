"""A week of a workspace, played with a moved clock against the local Slack and Ayrshare: who got which message when."""
