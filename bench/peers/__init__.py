"""The bots that connectbot is compared with, each a process of its own."""
