"""Benchmarks of the bot beside named peers, in one run on one machine. The ratios are what counts."""
