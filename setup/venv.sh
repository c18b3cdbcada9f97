#!/bin/sh
# Makes the environment $1. Where Debian's python3 comes without ensurepip, a hash-pinned virtualenv does it.
set -eu
venv=$1
python=$(setup/python.sh)
if "$python" -c 'import ensurepip' 2>/dev/null; then
    exec "$python" -m venv "$venv"
fi
tool=$venv/.virtualenv
if ! "$python" -m pip --version >/dev/null 2>&1; then
    echo "这个 Python 既没有 ensurepip 也没有 pip · this Python has neither ensurepip nor pip; run:" >&2
    echo "    sudo apt-get install -y python3-venv" >&2
    exit 1
fi
"$python" -m pip install --quiet --require-hashes --only-binary :all: --target "$tool" -r requirements/virtualenv.lock
PYTHONPATH=$tool "$python" -m virtualenv --quiet --no-download "$venv"
rm -rf "$tool"
