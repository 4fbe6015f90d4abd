from tests.deploy.tools import missing

collect_ignore_glob = ["test_*.py"] if missing() else []
