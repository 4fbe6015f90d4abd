"""What every package stands on and belongs to no feature: ids, people and messages, the clock, failures, logs, metrics.

Nothing here knows Slack, Ayrshare or Redis. Start with model.py for the values, errors.py for the base of failures.
"""
