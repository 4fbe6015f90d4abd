"""Work that is done later: a job has a name and an id, is due at a moment, and is done at least once.

Start with job.py. A feature declares its job names in its model.py and plans jobs with `Scheduler`; `Worker` has them
done, and bot/job_runner.py says which function does which job.
"""
