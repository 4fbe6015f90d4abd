"""`mappings`: who has which profile. Keys go in, through standard input or a file, and never come out."""
