# Publishes with nothing but Python's standard library:  python3 publish.py 17
import http.client, json, os, sys, time, urllib.error, urllib.request

URL = os.environ.get("FANFARE_URL", "http://localhost:3001") + "/live/api/publish"
HEADERS = {"Content-Type": "application/json", "X-API-Key": os.environ.get("FANFARE_API_KEY", "")}


def publish(channel, event, data, idempotency_key):
    body = {"channel": channel, "event": event, "data": data, "idempotencyKey": idempotency_key}
    request = urllib.request.Request(URL, json.dumps(body).encode(), HEADERS)
    for wait in (0.5, 1, 2, None):
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except (OSError, http.client.HTTPException) as error:
            said_no = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if said_no or wait is None:
                raise
            time.sleep(wait)  # No answer: ask again with the same key, and it is stored once.


# In Django, so that nobody hears of an order that was rolled back:
#   transaction.on_commit(lambda: publish("public:orders", "paid", {"order": order.pk}, f"order-{order.pk}-paid"), robust=True)
if __name__ == "__main__":
    order = int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdigit() else sys.exit("usage: python3 publish.py ORDER")
    try:
        print(json.dumps(publish("public:orders", "paid", {"order": order}, f"order-{order}-paid")))
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} {error.read().decode()}")
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"no answer: {error}")
