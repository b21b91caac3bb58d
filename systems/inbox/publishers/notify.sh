#!/bin/sh
# Sends a notification with nothing but curl:  sh notify.sh 5 "Payment received" invoice-7
# The title goes into JSON as it is: no quotes and no backslashes in it.
url=${FANFARE_URL:-http://localhost:3001}/api/notifications/trigger/

# --retry asks again where there was no answer, or one of 5xx; with the same key it is sent once.
curl -sS --max-time 5 --retry 3 --retry-connrefused --fail-with-body "$url" \
  -H "X-API-Key: $FANFARE_API_KEY" -H 'Content-Type: application/json' \
  -d '{"user_id": '"$1"', "title": "'"$2"'", "type": "success", "idempotency_key": "'"$3"'"}'
