"""How data is stored: the connection to Redis, the embedded Redis, and secrets encrypted at rest.

Start with connection.py, which is the base of every feature's store. envelope.py encrypts, encryption_keys.py has the
keys, embedded/ runs a server where REDIS_URL is not set.
"""
