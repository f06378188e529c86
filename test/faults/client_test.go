package faults_test

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

// ask sends an operation, with an Idempotency-Key unless it is empty. An answer that no client may get here fails the
// test: one that is not in the contract's words, a 503 without its header, and none at all while the program is not
// killed.
func (p *program) ask(o faults.Operation, key string) (outcome faults.Outcome, replayed bool) {
	p.t.Helper()
	r := p.run.Load()
	form := url.Values{
		"api": {"CreateApartment"}, "blockId": {strconv.Itoa(int(o.Block))},
		"floorNum": {strconv.Itoa(o.Floor)}, "aptNum": {strconv.Itoa(o.Number)},
	}
	request, err := http.NewRequest(http.MethodPost, "http://"+r.address+"/omartyapis/Create/", strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Error(err)
		return faults.Unknown, false
	}
	request.GetBody = nil // so that the transport never sends it again by itself
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+tokenOf(p.t, o.User))
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := client.Do(request)
	if err != nil {
		return p.unanswered(r, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return p.unanswered(r, err)
	}
	told := fmt.Sprintf("%d %s", response.StatusCode, body)
	outcome, ok := known[told]
	if !ok {
		p.t.Errorf("%s: the answer is %s", o, told)
		return faults.Refused, false
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); outcome == faults.Unknown && (err != nil || seconds < 1) {
		p.t.Errorf("%s: a 503 with Retry-After: %q", o, response.Header.Get("Retry-After"))
	}
	return outcome, response.Header.Get("Idempotent-Replayed") == "true"
}

func (p *program) unanswered(r *run, err error) (faults.Outcome, bool) {
	p.t.Helper()
	if !p.mayDie {
		p.t.Errorf("no answer: %v\n%s", err, r.log.text())
	}
	return faults.Unknown, false
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

// asker asks one program for apartments and keeps the history.
type asker struct {
	*program
	history *faults.History
}

func (a asker) ask(o faults.Operation, key string) (faults.Outcome, bool) {
	a.t.Helper()
	a.history.Invoke(o)
	outcome, replayed := a.program.ask(o, key)
	a.history.Answer(o, outcome)
	return outcome, replayed
}

// want asks, and fails the test unless the outcome is this.
func (a asker) want(o faults.Operation, key string, want faults.Outcome) (replayed bool) {
	a.t.Helper()
	got, replayed := a.ask(o, key)
	if got != want {
		a.t.Errorf("%s: %s, want %s", o, got, want)
	}
	return replayed
}

// recover asks until the outcome is known, and fails the test unless it is registered.
func (a asker) recover(o faults.Operation, key string) (replayed bool) {
	a.t.Helper()
	outcome, replayed := a.askOn(o, key)
	if outcome != faults.OK {
		a.t.Errorf("%s: %s, want registered", o, outcome)
	}
	return replayed
}

// askOn asks until the outcome is known, as often as a patient client would: no answer takes longer than the program's
// deadline.
func (a asker) askOn(o faults.Operation, key string) (outcome faults.Outcome, replayed bool) {
	a.t.Helper()
	for begun := time.Now(); time.Since(begun) < patience; {
		if outcome, replayed = a.ask(o, key); outcome != faults.Unknown {
			return outcome, replayed
		}
	}
	a.t.Errorf("%s: the program does not recover", o)
	return outcome, replayed
}

// numbered is the operation that asks for a number, by one of the users.
func numbered(number int) faults.Operation {
	return faults.Operation{User: firstUser + domain.UserID(number%users), Block: block, Floor: 1, Number: number}
}

// keyOf is the Idempotency-Key that an operation is asked for again with.
func keyOf(o faults.Operation) string { return fmt.Sprintf("key-%d-%d", o.Floor, o.Number) }
