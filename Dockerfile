FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

# WeasyPrint draws the information sheet with these.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt

COPY . .
# The values are for this one command: nothing of them stays in the image.
RUN SECRET_KEY=build PUBLIC_BASE_URL=https://build.invalid DATA_DIR=/tmp/build \
    python manage.py collectstatic --noinput \
    && rm -rf /tmp/build \
    && useradd --system --uid 10001 koppla \
    && install --directory --owner koppla --mode 700 /data /outside

# fontconfig keeps its cache here; the rest of the file system is read-only.
ENV DATA_DIR=/data XDG_CACHE_HOME=/tmp/cache
USER koppla
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000", \
    "--workers", "2", "--threads", "4", "config.wsgi"]
