package cluster_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
	"omarty.net/registry/test/faults"
)

// client waits far longer than any deadline of the program: what it gives up on hangs.
var client = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * users}}

// What a client may be told, and what it knows then.
var known = map[string]faults.Outcome{
	`200 {"status":200,"data":"Apartment registered."}`:                            faults.OK,
	`200 {"status":200,"message":"Apartment already registered."}`:                 faults.Taken,
	`200 {"status":200,"message":"User does not have permissions in this block."}`: faults.Refused,
	`503 {"status":503,"message":"Service is unavailable, please try again."}`:     faults.Unknown,
}

// ask sends an operation to a server. An answer that no client may get here fails the test.
func (f *field) ask(s *server, o faults.Operation) faults.Outcome {
	f.t.Helper()
	form := url.Values{
		"api": {"CreateApartment"}, "blockId": {strconv.Itoa(int(o.Block))},
		"floorNum": {strconv.Itoa(o.Floor)}, "aptNum": {strconv.Itoa(o.Number)},
	}
	request, err := http.NewRequest(http.MethodPost, "http://"+s.address+"/omartyapis/Create/", strings.NewReader(form.Encode()))
	if err != nil {
		f.t.Error(err)
		return faults.Unknown
	}
	request.GetBody = nil // so that the transport never sends it again by itself
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+tokenOf(f.t, o.User))
	request.Header.Set("Idempotency-Key", fmt.Sprintf("key-%d-%d", o.Floor, o.Number))
	f.history.Invoke(o)
	f.requests.Add(1)
	told, outcome := "no answer", faults.Unknown
	response, err := client.Do(request)
	if err == nil {
		defer response.Body.Close()
		var body []byte
		if body, err = io.ReadAll(response.Body); err == nil {
			told = fmt.Sprintf("%d %s", response.StatusCode, body)
		}
	}
	outcome, ok := known[told]
	if !ok {
		f.internal.Add(1)
		f.t.Errorf("%s: the answer is %s (%v)", o, told, err)
	}
	if outcome == faults.Unknown {
		f.unavailable.Add(1)
	} else {
		s.stall.answered()
	}
	f.history.Answer(o, outcome)
	return outcome
}

// A client pauses so long before it asks again. That is less than Retry-After says, so that a stall shows.
const pause = 20 * time.Millisecond

// askOn asks until the outcome is known.
func (f *field) askOn(s *server, o faults.Operation) faults.Outcome {
	f.t.Helper()
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(pause) {
		if outcome := f.ask(s, o); outcome != faults.Unknown {
			return outcome
		}
	}
	f.t.Errorf("%s: the program does not recover\n%s", o, s.log.text())
	return faults.Unknown
}

// stall measures the longest time that a server under load gave nobody an answer other than 503.
type stall struct {
	mu      sync.Mutex
	last    time.Time // zero where it is not measured
	longest time.Duration
}

func (s *stall) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.longest = time.Now(), 0
}

func (s *stall) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.IsZero() {
		return
	}
	now := time.Now()
	s.longest, s.last = max(s.longest, now.Sub(s.last)), now
}

// end returns the longest.
func (s *stall) end() time.Duration {
	s.answered()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Time{}
	return s.longest
}

// tokens has one token for each user.
var tokens sync.Map

func tokenOf(t testing.TB, user domain.UserID) string {
	t.Helper()
	if token, ok := tokens.Load(user); ok {
		return token.(string)
	}
	token, err := jwtauth.Mint([]byte(secret), user, 24*time.Hour, time.Now())
	if err != nil {
		t.Error(err)
	}
	tokens.Store(user, token)
	return token
}
