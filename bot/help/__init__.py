"""What people read who ask what the bot can do, or whose words nothing was found for. Start with views.py.

What can be typed, and by whom, is in `handlers/commands.py`.
"""
