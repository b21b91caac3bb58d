// Publishes with nothing but Java's own HTTP client (17 or later):  java Publish.java 17
import java.io.IOException;
import java.net.URI;
import java.net.http.*;
import java.time.Duration;

public class Publish {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static final String URL = System.getenv().getOrDefault("FANFARE_URL", "http://localhost:3001");
    static final String KEY = System.getenv().getOrDefault("FANFARE_API_KEY", "");

    static String publish(String event) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(URL + "/live/api/publish")).timeout(Duration.ofSeconds(5))
            .header("Content-Type", "application/json").header("X-API-Key", KEY)
            .POST(HttpRequest.BodyPublishers.ofString(event)).build();
        for (int attempt = 1; ; attempt++) {
            try {
                var answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) return answer.body();
                if (answer.statusCode() < 500 || attempt == 4) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            } catch (IOException noAnswer) {
                if (attempt == 4) throw noAnswer;
            }
            Thread.sleep(250L << attempt); // Ask again with the same key, and it is stored once.
        }
    }

    // In Spring, so that nobody hears of an order that was rolled back:
    //   @TransactionalEventListener void paid(OrderPaid order) { publish(objectMapper.writeValueAsString(...)); }
    public static void main(String[] args) throws Exception {
        long order = Long.parseLong(args[0]);
        try {
            System.out.println(publish("""
                {"channel": "public:orders", "event": "paid", "data": {"order": %1$d}, "idempotencyKey": "order-%1$d-paid"}
                """.formatted(order)));
        } catch (IOException | IllegalStateException problem) {
            System.err.println(problem);
            System.exit(1);
        }
    }
}
