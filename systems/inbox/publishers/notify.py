# Sends a notification with nothing but Python's standard library:  python3 notify.py 5 "Payment received" invoice-7
import http.client, json, os, sys, time, urllib.error, urllib.request

URL = os.environ.get("FANFARE_URL", "http://localhost:3001") + "/api/notifications/trigger/"
HEADERS = {"Content-Type": "application/json", "X-API-Key": os.environ.get("FANFARE_API_KEY", "")}


def notify(user_id, title, idempotency_key, **fields):
    """fields: message, type, url, data. Sent once, however often this is called with the same key."""
    body = {"user_id": user_id, "title": title, "idempotency_key": idempotency_key, **fields}
    request = urllib.request.Request(URL, json.dumps(body).encode(), HEADERS)
    for wait in (0.5, 1, 2, None):
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except (OSError, http.client.HTTPException) as error:
            said_no = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if said_no or wait is None:
                raise
            time.sleep(wait)  # No answer: ask again with the same key.


# In Django, so that nobody hears of an invoice that was rolled back:
#   transaction.on_commit(lambda: notify(user.pk, "Payment received", f"invoice-{invoice.pk}-paid", type="success"), robust=True)
if __name__ == "__main__":
    user, text, key = sys.argv[1:4]
    try:
        print(json.dumps(notify(int(user), text, key, type="success")))
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} {error.read().decode()}")
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"no answer: {error}")
