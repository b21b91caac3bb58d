// Publishes with nothing but Go's standard library:  go run publish.go 17
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

var client = http.Client{Timeout: 5 * time.Second}

func publish(event map[string]any, attempts int) (answer []byte, err error) {
	body, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest("POST", os.Getenv("FANFARE_URL")+"/live/api/publish", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {os.Getenv("FANFARE_API_KEY")}}
	response, err := client.Do(request)
	if err == nil {
		defer response.Body.Close()
		answer, err = io.ReadAll(response.Body)
	}
	if attempts > 1 && (err != nil || response.StatusCode >= 500) {
		time.Sleep(time.Second) // No answer: ask again with the same key, and it is stored once.
		return publish(event, attempts-1)
	}
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s %s", response.Status, answer)
	}
	return answer, err
}

// With database/sql: after tx.Commit() returned nil, so that nobody hears of an order that was rolled back.
func main() {
	answer, err := publish(map[string]any{"channel": "public:orders", "event": "paid",
		"data": map[string]any{"order": json.Number(os.Args[1])}, "idempotencyKey": "order-" + os.Args[1] + "-paid"}, 4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(answer))
}
