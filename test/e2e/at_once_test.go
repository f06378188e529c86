package e2e_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

const (
	registered        = `{"status":200,"data":"Apartment registered."}`
	alreadyRegistered = `{"status":200,"message":"Apartment already registered."}`
)

// atOnce sends requests from so many clients at the same moment, and counts their answers.
func atOnce(t *testing.T, clients int, request func() *http.Request) map[string]int {
	t.Helper()
	answers := make([]answer, clients)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range clients {
		r := request()
		done.Go(func() {
			<-start
			answers[i] = send(t, r)
		})
	}
	close(start)
	done.Wait()
	counts := map[string]int{}
	for _, a := range answers {
		counts[a.body]++
	}
	return counts
}

// Of 24 clients that ask for one number at once, one gets it.
func TestOneWinner(t *testing.T) {
	onEveryStore(t, func(t *testing.T, start func(t *testing.T) service) {
		s := start(t)
		before := s.rows(t)
		const clients = 24
		got := atOnce(t, clients, func() *http.Request {
			return s.request(t.Context(), t, 7, "api=CreateApartment&floorNum=1&aptNum=2")
		})
		if got[registered] != 1 || got[alreadyRegistered] != clients-1 {
			t.Errorf("answers: %v", got)
		}
		wantAdded(t, s, before.Apartments, 1)
	})
}

// Of clients that ask at once for many numbers, two for each, one of each two gets it.
func TestOneWinnerEach(t *testing.T) {
	onEveryStore(t, func(t *testing.T, start func(t *testing.T) service) {
		s := start(t)
		before := s.rows(t)
		const clients, rounds = 64, 20
		asked := 0
		for range rounds {
			got := atOnce(t, clients, func() *http.Request {
				number := 1000 + asked/2
				asked++
				return s.request(t.Context(), t, 7, fmt.Sprintf("api=CreateApartment&floorNum=1&aptNum=%d", number))
			})
			if got[registered] != clients/2 || got[alreadyRegistered] != clients/2 {
				t.Errorf("answers: %v", got)
			}
		}
		wantAdded(t, s, before.Apartments, asked/2)
	})
}

// 50 clients that ask at once with one key are all answered as registered, by one apartment.
func TestOneKey(t *testing.T) {
	onEveryStore(t, func(t *testing.T, start func(t *testing.T) service) {
		s := start(t)
		before := s.rows(t)
		const clients = 50
		got := atOnce(t, clients, func() *http.Request {
			r := s.request(t.Context(), t, 7, "api=CreateApartment&floorNum=1&aptNum=2")
			r.Header.Set("Idempotency-Key", "one-key")
			return r
		})
		if got[registered] != clients {
			t.Errorf("answers: %v", got)
		}
		wantAdded(t, s, before.Apartments, 1)
	})
}

func wantAdded[Row any](t *testing.T, s service, before []Row, added int) {
	t.Helper()
	rows := s.rows(t)
	if got := len(rows.Apartments) - len(before); got != added {
		t.Errorf("%d apartments more, want %d", got, added)
	}
	if len(rows.Logs) != added {
		t.Errorf("%d log rows, want %d", len(rows.Logs), added)
	}
	for _, c := range rows.Contradictions() {
		t.Error(c)
	}
}
