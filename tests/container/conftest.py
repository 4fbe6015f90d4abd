from tests.container.image import missing

collect_ignore_glob = ["test_image.py"] if missing() else []
