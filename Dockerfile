# The base image is an argument, so that a site can name its own mirror and digest.
ARG BASE=python:3.11-slim
FROM ${BASE}

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
    PATH=/opt/asn-themes/bin:$PATH

WORKDIR /srv/asn-themes
COPY requirements-serve.lock pyproject.toml README.md LICENSE asn_themes.py ./
COPY classifier classifier
COPY corrections corrections
COPY service service
# The command imports its verbs from here; without their extras all but serving and reading say what is missing.
COPY training training

# Serving's dependencies alone, from a lock with hashes; then the project, without looking for any more.
RUN python3 -m venv /opt/asn-themes && \
    /opt/asn-themes/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-serve.lock && \
    cp -r asn_themes.py classifier corrections service training "$(/opt/asn-themes/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

COPY seeds seeds
# Made by `make train`; the service answers with this very file.
COPY model.npz model.npz

# A number, not a name: an orchestrator can then see that it is not root.
USER 10001:10001
EXPOSE 8000
ENV ASN_THEMES_HOST=0.0.0.0 ASN_THEMES_PORT=8000 TMPDIR=/tmp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["python", "-m", "asn_themes", "serve"]
