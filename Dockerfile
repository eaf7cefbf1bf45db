# The image holds an installed Hilum and nothing that could build one.
#
# A tag can be moved, a digest cannot. To build what was built before, name the base image by its digest:
#     docker buildx imagetools inspect python:3.12.12-slim-bookworm    # "Digest: sha256:..." of the whole index
#     docker build --build-arg BASE=python:3.12.12-slim-bookworm@sha256:... .
ARG BASE=python:3.12.12-slim-bookworm
FROM ${BASE} AS build
WORKDIR /source
RUN python -m venv /opt/hilum
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY gateway gateway
COPY adapters adapters
RUN /opt/hilum/bin/pip install --no-cache-dir --constraint requirements.lock '.[google]'

FROM ${BASE}
RUN useradd --system --uid 10001 --home-dir /var/lib/hilum --create-home hilum && chmod 700 /var/lib/hilum
COPY --from=build /opt/hilum /opt/hilum
ENV PATH=/opt/hilum/bin:$PATH PYTHONUNBUFFERED=1
USER hilum
VOLUME /var/lib/hilum
EXPOSE 2575 11112 8080
# The admin port of the default configuration; a container that moves it sets HILUM_ADMIN.
ENV HILUM_ADMIN=http://127.0.0.1:8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(os.environ['HILUM_ADMIN'] + '/livez', timeout=2)"]
ENTRYPOINT ["hilum"]
CMD ["serve", "/etc/hilum/hilum.yaml"]
