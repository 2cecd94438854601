#!/usr/bin/env bash
# Schemathesis against the real server; prints its summary. Usage: benchmarks/contract.sh EXAMPLES_PER_OPERATION
set -euo pipefail
cd "$(dirname "$0")/.."
port=$(.venv/bin/python -c 'from benchmarks.harness import free_port; print(free_port())')
.venv/bin/asn-themes serve --port "$port" >/dev/null 2>&1 &
server=$!
trap 'kill $server' EXIT
.venv/bin/python -c "from benchmarks.harness import wait_for; wait_for($port)"
.venv/bin/schemathesis run "http://127.0.0.1:$port/openapi.json" --max-examples "$1" --workers 2 --phases coverage,fuzzing
