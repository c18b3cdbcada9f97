#!/bin/sh
# Prints the first Python that will do: 3.11, 3.12 or 3.13. $PYTHON wins when it is set.
set -eu
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        echo "$candidate"
        exit 0
    fi
done
echo "需要 Python 3.11–3.13 · Python 3.11, 3.12 or 3.13 is needed (apt-get install python3), or name one in PYTHON" >&2
exit 1
