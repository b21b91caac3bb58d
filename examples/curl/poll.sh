#!/bin/sh
# Prints what comes on a channel by long polling. Resumes by itself, also when it is started again:  sh poll.sh last-tag.txt
url="${FANFARE_URL:-http://localhost:3001}/live/poll?channel=public:orders"
touch "$1"

while :; do
  [ -s "$1" ] && wait=25 || wait=0 # The first answer says where we stand.
  # The tag says it again. The answer has what came since; or it is 304, without a body: nothing came.
  case $(curl -sS --max-time 40 --etag-compare "$1" --etag-save "$1.new" -o "$1.json" -w '%{http_code}' "$url&wait=$wait") in
    200) grep '^{"events":\[{' "$1.json"; mv "$1.new" "$1" ;; # Printed: go on from here.
    304) ;;
    40[0134]) cat "$1.json" >&2; exit 1 ;; # A verdict. Anything else passes.
    *) sleep 2 ;;
  esac
done
