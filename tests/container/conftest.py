import shutil
from collections.abc import Iterator

import pytest

from tests.container.image import Image, NoDebian, build, missing

collect_ignore_glob = ["test_*.py"] if missing() else []


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    try:
        yield build(folder)
    except NoDebian as error:
        pytest.skip(f"Debian's packages can't be had: {error}")
    shutil.rmtree(folder)  # half a gigabyte
