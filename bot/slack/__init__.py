"""Slack as the features see it: what it sends (requests.py), what can be shown (surfaces.py, delivery.py, blocks.py).

Handlers are registered through listener.py and submit.py, which acknowledge at once and answer every failure.
A request arrives over HTTP or Socket Mode (socket_mode.py) and reaches them through bolt_dispatch.py.
"""
