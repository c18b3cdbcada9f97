#!/bin/bash
# Installs the lock $1 into the environment $2, saying how far it is. Which index is asked is pip's own configuration.
set -euo pipefail
lock=$1 venv=$2
total=$(grep -c '^[a-z].*==' "$lock")
"$venv/bin/python" -m pip install --require-hashes --only-binary :all: --progress-bar off -r "$lock" 2>&1 |
    awk -v total="$total" -v lock="$(basename "$lock")" '
        /^Collecting|^Requirement already/ { if (++n % 20 == 0) { printf "  %s: %d / %d\n", lock, n, total; fflush() } next }
        /^Installing collected/ { print "  " lock ": 安装 · installing"; fflush(); next }
        /^ERROR|^error|[Ff]ailed|mismatch|Expected sha|Got  / { print; fflush() }'
