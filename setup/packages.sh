#!/bin/sh
# Installs what the tests need from Debian: a browser, a Chinese font (else every screenshot shows boxes), PostgreSQL 15.
# Only as root or with passwordless sudo; otherwise it prints the command.
set -eu
missing=
[ -x /usr/bin/chromium ] || missing="$missing chromium"
[ -d /usr/share/fonts/opentype/noto ] && ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing="$missing postgresql-15"
command -v pdftoppm >/dev/null || missing="$missing poppler-utils"
[ -z "$missing" ] && exit 0
command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "测试还需要系统软件包,请运行 · the tests need packages of the system; run:" >&2
    echo "    sudo $command" >&2
    exit 1
fi
echo "安装系统软件包 · installing:$missing"
$as_root apt-get update -q
DEBIAN_FRONTEND=noninteractive $as_root $command
