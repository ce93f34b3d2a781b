# The service as a container:
#   docker build -t defocus .
#   docker run --read-only --cap-drop ALL -p 127.0.0.1:8000:8000 defocus
# docs/how-to/production.md says how to give it API keys, limits and a proxy.
ARG PYTHON=3.13

FROM python:${PYTHON}-trixie AS build
WORKDIR /source
COPY pyproject.toml CMakeLists.txt README.md LICENSE NOTICE ./
COPY cpp cpp
COPY docs/man docs/man
COPY licenses licenses
COPY python python
# The environment has no pip of its own: the container installs nothing.
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/defocus \
    && pip --python /opt/defocus/bin/python install --no-cache-dir \
        "$(echo /wheels/defocus-*.whl)[serve,heif]"

FROM python:${PYTHON}-slim-trixie
LABEL org.opencontainers.image.title="defocus" \
      org.opencontainers.image.description="Portraits and cutouts over HTTP, with a page" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/defocus/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/defocus /opt/defocus
USER 10001:10001
WORKDIR /
# Fails where a shared library or the network is missing.
RUN ["python", "-c", "import defocus, defocus.serve.server; defocus.Segmenter().warmup()"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["defocus", "serve", "--host", "0.0.0.0"]
