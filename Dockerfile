# Debian builds the environment; the image is Debian's Python without a shell and without a package manager.
# `make check-container` does the same in an unpacked Debian, where there is no Docker.

FROM debian:trixie-slim AS build
# Debian has one version of each package in a release, with its security fixes.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements-uv.txt requirements.txt requirements-dev.txt ./
RUN python3 -m venv /uv \
 && /uv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.txt \
 && /uv/bin/uv venv --python /usr/bin/python3.13 /app \
 && /uv/bin/uv pip install --no-cache --python /app/bin/python --compile-bytecode --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY sandbox sandbox
COPY demobot demobot
RUN /uv/bin/uv build --no-cache --wheel --require-hashes --build-constraints requirements-dev.txt --out-dir /wheel \
 && /uv/bin/uv pip install --no-cache --python /app/bin/python --compile-bytecode --no-deps /wheel/*.whl \
 && install --directory --mode=700 --owner=65532 --group=65532 /data

FROM gcr.io/distroless/python3-debian13:nonroot
LABEL org.opencontainers.image.title="connectbot" \
      org.opencontainers.image.description="A Slack bot that lets people link their social accounts to Ayrshare." \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /data /data
# slack-sdk wants a home, which a user of another id than this one wouldn't have.
ENV PATH=/app/bin:/usr/bin DATA_DIR=/data HOME=/data
# The root may be read-only: nothing is written but what the embedded Redis keeps.
VOLUME /data
EXPOSE 3000
USER 65532:65532
# A worker has no port: start it with --no-healthcheck.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.getenv('PORT') or 3000}/healthz\", timeout=4)"]
ENTRYPOINT ["connectbot"]
CMD ["run"]
