"""The image, built from the Dockerfile in an unpacked Debian, and processes in it as a container has them.

Needs root and mmdebstrap. What is not Docker's here: the two base images are made of the same Debian packages, and the
network is this machine's.
"""

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.container.dockerfile import Instruction, Stage, read_dockerfile

SOURCE = Path(__file__).parents[2]
RELEASE = "trixie"
BASES = {
    "debian:trixie-slim": ("--variant=apt",),
    # What gcr.io/distroless/python3-debian13 consists of, as far as the bot loads it.
    "gcr.io/distroless/python3-debian13:nonroot": (
        "--variant=extract",
        "--include=base-files,netbase,tzdata,ca-certificates,libssl3t64,libgcc-s1,libstdc++6,zlib1g,libzstd1,libsqlite3-0",
        "--include=libpython3.13-stdlib,python3.13-minimal,libbz2-1.0,liblzma5,libffi8,libuuid1,libncursesw6,libreadline8t64",
    ),
}  # fmt: skip
"""How each base image is unpacked; an image that isn't here has to be added."""
WITHOUT = tuple(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale"))
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
IN_A_CONTAINER = """\
set -e
root=$1 secrets=$2 data=$3 user=$4
shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$secrets" "$root/run/secrets"
mount --bind "$data" "$root/data"
exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid \
  /usr/sbin/chroot --userspec="$user" "$root" "$@"
"""


class NoDebian(Exception):
    """Debian's packages can't be had here."""


def missing() -> str:
    """Return what is missing for building the image, empty if nothing is."""
    if "BUILD_IMAGE" not in os.environ:
        return "they take minutes"
    if os.geteuid() != 0:
        return "only root can unpack a Debian"
    programs = ("mmdebstrap", "unshare", "setpriv")
    return ", ".join(f"there is no {program}" for program in programs if shutil.which(program) is None)


@dataclass(frozen=True)
class Image:
    """A built image: its files, the last stage of the Dockerfile, and the Debian that it was built in."""

    root: Path
    stage: Stage
    built_in: Path

    @property
    def variables(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for i in self.stage.instructions if i.name == "ENV" for pair in i.words)

    def in_a_container(self, words: list[str], *, secrets: Path, data: Path) -> list[str]:
        """Return the command that runs a program as a container does: read-only root, PID 1, no privileges."""
        places = (str(self.root), str(secrets), str(data), self.stage.last("USER").rest)
        return ["unshare", "--mount", "--pid", "--fork", "sh", "-c", IN_A_CONTAINER, "sh", *places, *words]

    @property
    def start(self) -> list[str]:
        """What a container runs."""
        return [*self.stage.last("ENTRYPOINT").words, *self.stage.last("CMD").words]

    @property
    def health_check(self) -> list[str]:
        words = self.stage.last("HEALTHCHECK").rest.removeprefix("CMD ")
        return Instruction("CMD", words).words

    @property
    def megabytes(self) -> float:
        """The size of the files, as `docker images` counts it."""
        return sum(path.lstat().st_size for path in self.root.rglob("*") if not path.is_dir()) / 1_000_000


def build(folder: Path) -> Image:
    """Build the image in a folder; raise AssertionError with what a failed step said, and NoDebian."""
    stages = read_dockerfile(SOURCE / "Dockerfile")
    roots = {stage.name: folder / (stage.name or "image") for stage in stages}
    for stage in stages:
        root = roots[stage.name]
        _unpack(stage.base, root)
        _carry_out(stage, root, roots)
    return Image(roots[stages[-1].name], stages[-1], built_in=roots[stages[0].name])


def _unpack(base: str, root: Path) -> None:
    try:
        _run("mmdebstrap", "--quiet", "--mode=root", *BASES[base], *WITHOUT, RELEASE, str(root))
    except AssertionError as error:
        raise NoDebian(str(error)[-300:]) from None
    certificates = root / CERTIFICATES
    if not certificates.exists():  # nothing that Debian's packages do when they are installed was done
        certificates.parent.mkdir(parents=True, exist_ok=True)
        mozillas = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
        certificates.write_text("".join(one.read_text() for one in mozillas))
    for mount_point in ("proc", "dev", "run/secrets", "tmp"):
        (root / mount_point).mkdir(parents=True, exist_ok=True)


def _carry_out(stage: Stage, root: Path, roots: dict[str, Path]) -> None:
    workdir = "/"
    for instruction in stage.instructions:
        match instruction.name:
            case "WORKDIR":
                workdir = instruction.rest
                (root / workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                _copy(instruction, root, workdir, roots)
            case "RUN":
                run_in(root, f"cd {workdir} && {instruction.rest}")
            case _:
                pass  # what a container is told when it starts, or what is only written down


def _copy(instruction: Instruction, root: Path, workdir: str, roots: dict[str, Path]) -> None:
    stage = instruction.flags.get("from")
    source = roots[stage] if stage else SOURCE
    *names, target = instruction.words
    place = root / workdir.lstrip("/") / target.lstrip("/") if not target.startswith("/") else root / target.lstrip("/")
    for name in names:
        found = source / name.lstrip("/")
        if found.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        _run("cp", "--archive", f"{found}/." if found.is_dir() else str(found), str(place))
    if owner := instruction.flags.get("chown"):
        _run("chown", "--recursive", owner, str(place))


def run_in(root: Path, words: str) -> None:
    """Run a step as Docker does; names and certificates of the network are this machine's."""
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    ours = os.environ.get("SSL_CERT_FILE") or f"/{CERTIFICATES}"
    shutil.copy(ours, root / "tmp/certificates.crt")
    trusted = dict.fromkeys(("SSL_CERT_FILE", "PIP_CERT"), "/tmp/certificates.crt")
    inherited = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
    within = ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root}/proc", "chroot", str(root)]
    _run(*within, "env", "-i", *(f"{k}={v}" for k, v in (inherited | trusted).items()), "sh", "-ec", words)


def _run(*words: str) -> None:
    ran = subprocess.run(words, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ran.returncode:
        raise AssertionError(f"{shlex.join(words)[:500]} ended with {ran.returncode}:\n{ran.stdout[-3000:]}")
