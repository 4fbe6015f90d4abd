"""How fast the bot is beside named peers, in one run on one machine. The ratios are the point."""
