# Both stages stand on BASE: an image with Python 3.11 or newer and a shell. Pin it by digest for a build that can be repeated:
#   docker build --build-arg BASE=docker.io/library/python:3.11-slim-bookworm@sha256:... .
# Wheels and programs are taken from deploy/image where they are (see the README there); else pip fetches, by the same hashes.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS builder
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
COPY deploy/image/ image/
# pip works from outside on both environments, so that neither of them holds it: one for the build backend, one that is the result.
RUN set -eu; \
    pip="python3 -m pip"; from=; \
    if [ -d image/wheels ]; then \
        export PYTHONPATH="$(echo /build/image/wheels/pip-*.whl)"; from="--no-index --find-links image/wheels"; \
    fi; \
    $pip --version >/dev/null || { echo "BASE has no pip: run make image-parts, then build again" >&2; exit 1; }; \
    install="--no-cache-dir --disable-pip-version-check install --quiet --only-binary :all: --require-hashes --no-compile"; \
    python3 -m venv --without-pip backend; \
    python3 -m venv --without-pip /opt/pullscope; \
    $pip --python backend/bin/python $install $from -r requirements-build.lock; \
    $pip --python /opt/pullscope/bin/python $install $from -r requirements.lock; \
    if [ -d image/bin ]; then cp image/bin/* /opt/pullscope/bin/; fi
COPY pyproject.toml README.md LICENSE ./
COPY agent/ agent/
COPY aggregator/ aggregator/
COPY pullscope/ pullscope/
# Compiled by content, not by time of day: the same sources give the same bytes.
RUN set -eu; \
    backend/bin/python -m pip wheel --quiet --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation \
        --no-index -w dist .; \
    backend/bin/python -m pip --python /opt/pullscope/bin/python install --quiet --no-cache-dir \
        --disable-pip-version-check --no-deps --no-index --no-compile dist/*.whl; \
    python3 -m compileall -q --invalidation-mode unchecked-hash /opt/pullscope/lib

FROM ${BASE}
# A base for developers brings pip; the result has no use for it.
RUN rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/site-packages/setuptools* \
    /usr/local/lib/python3*/site-packages/wheel* /usr/local/lib/python3*/ensurepip /usr/local/bin/pip*
COPY --from=builder /opt/pullscope /opt/pullscope
ENV PATH=/opt/pullscope/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1
# No USER here: the agent needs root for the runtime's socket and the node's files; the aggregator's pod sets its own user.
ENTRYPOINT ["pullscope"]
