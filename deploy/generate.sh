#!/bin/sh
# Plays a feed to nodes that run elsewhere, has it followed by PARTS k6 of this machine, and writes one report of all of them.
# The same three steps as on several machines: publish, k6 with a part of the clients each, merge.
#   REDIS_URL  of the nodes        URL      what k6 loads: the balancer, or a node       NODES  how many nodes there are
#   FEED       that they serve     OUT      where outputs and the report go              PARTS  how many k6
#   SCENARIO, TRANSPORT, CLIENTS, DURATION, BALANCER   what to measure, and what lies before the nodes
set -eu

root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd -P)
OUT=${OUT:-/out}
FEED=${FEED:-cluster}
NODES=${NODES:-3}
PARTS=${PARTS:-2}
CLIENTS=${CLIENTS:-200}
TRANSPORT=${TRANSPORT:-websocket}

fb() {
  node "$root/cli/cli.ts" "$@"
}

fb publish "${SCENARIO:-ticker}" --feed "$FEED" --nodes "$NODES" --balancer "${BALANCER:-none}" --clients "$CLIENTS" \
  --duration "${DURATION:-30s}" --port 3100 >"$OUT/publisher.log" &
publisher=$!
until node -e "fetch('http://127.0.0.1:3100/health').catch(() => process.exit(1))" 2>/dev/null; do
  kill -0 "$publisher" || exit 4
  sleep 0.2
done

# 0,1/4,2/4,3/4,1 of four parts.
sequence=0
part=1
while [ "$part" -lt "$PARTS" ]; do
  sequence=$sequence,$part/$PARTS
  part=$((part + 1))
done

outputs=
part=1
while [ "$part" -le "$PARTS" ]; do
  k6 run --quiet --no-usage-report --summary-mode=disabled --log-output=stdout --log-format=raw \
    --execution-segment "$((part - 1))/$PARTS:$part/$PARTS" --execution-segment-sequence "$sequence,1" \
    -e URL="$URL" -e CLIENTS="$CLIENTS" -e PUBLISHER=http://127.0.0.1:3100 \
    "$root/load/k6/scripts/$TRANSPORT.ts" >"$OUT/k6-$part.log" &
  outputs="$outputs $OUT/k6-$part.log"
  part=$((part + 1))
done
# What one of them did not do, merge names.
wait
# shellcheck disable=SC2086 # file names of ours, without blanks
exec node "$root/cli/cli.ts" merge "$OUT/publisher.log" $outputs --out "$OUT"
