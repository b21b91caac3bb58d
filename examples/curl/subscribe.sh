#!/bin/sh
# Prints the events of a channel. Resumes by itself, also when it is started again:  sh subscribe.sh last-id.txt
url="${FANFARE_URL:-http://localhost:3001}/live/sse?channel=public:orders"
touch "$1"

while :; do
  curl -sSN -w '\nstatus: %{http_code}\n' "$url&cursor=$(cat "$1")" | while read -r field value; do
    case $field$value in
      data:*'"type":"event"'*) printf '%s\n' "$value" ;;
      id:*) echo "$value" >"$1" ;;                        # What came before it is printed: go on from here.
      event:lost) echo "some events are missing" >&2 ;;   # Read the whole from its source.
      status:40[0134]) echo "$field $value" >&2 && exit 1 ;; # A verdict. Whatever else it was passes.
    esac
  done || exit
  sleep 1
done
