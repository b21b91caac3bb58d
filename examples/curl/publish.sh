#!/bin/sh
# Publishes with nothing but curl:  sh publish.sh 17
[ $# -eq 1 ] || { echo 'usage: sh publish.sh ORDER' >&2; exit 2; }
url=${FANFARE_URL:-http://localhost:3001}/live/api/publish
event='{"channel": "public:orders", "event": "paid", "data": {"order": '$1'}, "idempotencyKey": "order-'$1'-paid"}'

for attempt in 1 2 3 4; do
  curl -sS --max-time 5 --retry 3 --fail-with-body "$url" \
    -H "X-API-Key: $FANFARE_API_KEY" -H 'Content-Type: application/json' -d "$event" && echo && exit
  [ $? -eq 22 ] && exit 1 # The server answered, and said no.
  sleep 1                 # No answer: ask again with the same key, and it is stored once.
done
exit 1
