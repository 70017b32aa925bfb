#!/bin/sh
# Lets Docker Compose read docker/compose.yaml, with throw-away secrets, and without them.
# Exit 0: accepted. 1: refused. 3: there is no Docker Compose here.
set -u
cd "$(dirname "$0")"

if docker compose version >/dev/null 2>&1; then
    compose="docker compose"
elif docker-compose version --short 2>/dev/null | grep -q '^v\{0,1\}[2-9]'; then
    compose="docker-compose"
else
    echo "省事通：没有 Docker Compose 2，未检查 docker/compose.yaml。安装后执行 make docker-check。(not checked: no docker compose)" >&2
    exit 3
fi

export SST_KEYRING=k:x SST_INDEX_KEY=x SST_SIGNING_KEY=x POSTGRES_PASSWORD=x VALKEY_PASSWORD=x
if ! $compose --env-file /dev/null -f compose.yaml config --quiet; then
    echo "省事通：docker compose 不接受 docker/compose.yaml，见上。(refused)" >&2
    exit 1
fi
unset SST_KEYRING
if $compose --env-file /dev/null -f compose.yaml config --quiet 2>/dev/null; then
    echo "省事通：缺少密钥时 compose 应当拒绝启动，但它接受了。(missing secret accepted)" >&2
    exit 1
fi
echo "省事通：docker compose 接受 docker/compose.yaml，缺少密钥时拒绝 · accepted"
