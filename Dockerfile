# The image holds an installed Hilum and nothing that could build one.
#
# A tag can be moved, a digest cannot, and none is written here: this repository has no registry at hand to look it up
# in, and one that nobody has checked would be worse than none. To build what was built before, name the base image by its digest:
#     docker buildx imagetools inspect python:3.12.12-slim-bookworm    # "Digest: sha256:..." of the whole index
#     docker build --build-arg BASE=python:3.12.12-slim-bookworm@sha256:... .
ARG BASE=python:3.12.12-slim-bookworm
FROM ${BASE} AS build
WORKDIR /source
COPY pyproject.toml requirements-build.lock requirements-image.lock README.md LICENSE ./
COPY gateway gateway
COPY adapters adapters
# Nothing is taken that the lock files do not know by its hash, and nothing is built but Hilum.
ENV PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all:
RUN python -m venv /opt/builder \
    && /opt/builder/bin/pip install --require-hashes --requirement requirements-build.lock \
    && /opt/builder/bin/pip wheel --no-build-isolation --no-deps --wheel-dir dist .
RUN python -m venv /opt/hilum \
    && /opt/hilum/bin/pip install --require-hashes --requirement requirements-image.lock \
    && /opt/hilum/bin/pip install --no-deps --no-index dist/hilum-*.whl

FROM ${BASE}
RUN useradd --system --uid 10001 --home-dir /var/lib/hilum --create-home hilum && chmod 700 /var/lib/hilum
COPY --from=build /opt/hilum /opt/hilum
# It listens on all interfaces, and takes the stores' addresses from HL7_STORE_URL and DICOM_STORE_URL.
COPY deploy/hilum.container.yaml /etc/hilum/hilum.yaml
ENV PATH=/opt/hilum/bin:$PATH PYTHONUNBUFFERED=1
USER hilum
VOLUME /var/lib/hilum
EXPOSE 2575 11112 8080
# It asks the admin port that the configuration names, also over TLS. A container with another configuration file sets
# HILUM_ADMIN, for example to https://127.0.0.1:8443.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["/opt/hilum/bin/python", "-m", "gateway.cli.probe", "/etc/hilum/hilum.yaml"]
ENTRYPOINT ["hilum"]
CMD ["serve", "/etc/hilum/hilum.yaml"]
