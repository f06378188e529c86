package history

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/ground"
)

// ErrNoAnswer is that a client had none.
var ErrNoAnswer = errors.New("no answer")

// client waits far longer than any deadline of the program: what it gives up on hangs.
var client = &http.Client{Timeout: ground.Patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// told are the answers that a client may get, and what it knows then.
var told = map[string]Outcome{
	`200 {"status":200,"data":"Apartment registered."}`:                            OK,
	`200 {"status":200,"message":"Apartment already registered."}`:                 Taken,
	`200 {"status":200,"message":"User does not have permissions in this block."}`: Refused,
	`503 {"status":503,"message":"Service is unavailable, please try again."}`:     Unknown,
}

// Ask sends an operation to a server, with an Idempotency-Key unless it is empty, and keeps what came of it. Replayed is
// whether the answer is one that was given before. It is an error if there is no answer, ErrNoAnswer, or one that no client may
// get: not in the contract's words, or a 503 without its header.
func (h *History) Ask(address string, o Operation, key string) (outcome Outcome, replayed bool, err error) {
	h.Invoke(o)
	defer func() { h.Answer(o, outcome) }()
	request, err := o.Request(address, key)
	if err != nil {
		return Unknown, false, err
	}
	response, err := client.Do(request)
	if err != nil {
		return Unknown, false, fmt.Errorf("%s: %w: %w", o, ErrNoAnswer, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return Unknown, false, fmt.Errorf("%s: %w: %w", o, ErrNoAnswer, err)
	}
	outcome, ok := told[fmt.Sprintf("%d %s", response.StatusCode, body)]
	if !ok {
		return Wrong, false, fmt.Errorf("%s: the answer is %d %s", o, response.StatusCode, body)
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); outcome == Unknown && (err != nil || seconds < 1) {
		return Unknown, false, fmt.Errorf("%s: a 503 with Retry-After: %q", o, response.Header.Get("Retry-After"))
	}
	return outcome, response.Header.Get("Idempotent-Replayed") == "true", nil
}

// Request returns the operation as the app sends it.
func (o Operation) Request(address, key string) (*http.Request, error) {
	form := url.Values{
		"api": {"CreateApartment"}, "blockId": {strconv.Itoa(int(o.Block))},
		"floorNum": {strconv.Itoa(o.Floor)}, "aptNum": {strconv.Itoa(o.Number)},
	}
	request, err := http.NewRequest(http.MethodPost, "http://"+address+"/omartyapis/Create/", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.GetBody = nil // so that the transport never sends it again by itself
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+Token(o.User))
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	return request, nil
}

// Key is the Idempotency-Key that the operation is asked for again with.
func (o Operation) Key() string { return fmt.Sprintf("key-%d-%d", o.Floor, o.Number) }

const secret = "a secret for these tests alone, 32 bytes or more"

// Settings are the environment of a program that serves the database of a URL to these clients.
func Settings(url string) []string {
	return []string{
		"OMARTY_HTTP_ADDRESS=127.0.0.1:0", "OMARTY_HTTP_RATE_LIMIT=0", "OMARTY_LOG_FORMAT=json",
		"OMARTY_AUTH_HS256_SECRET=" + secret, "OMARTY_DATABASE_URL=" + url,
	}
}

var tokens sync.Map

// Token returns the token of a user, the same each time.
func Token(user domain.UserID) string {
	if token, ok := tokens.Load(user); ok {
		return token.(string)
	}
	token, err := jwtauth.Mint([]byte(secret), user, 24*time.Hour, time.Now())
	if err != nil {
		panic(err) // the secret and the users are constants
	}
	tokens.Store(user, token)
	return token
}
