"""The shell imports mappings from a CSV file: all of them, or none if anything is wrong.

The file is read in `mapping_file.py`, its users and keys are looked up in `resolve.py`; start with `plan.py`.
"""
