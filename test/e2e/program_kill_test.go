package e2e_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/storetest"
)

// The program is killed under load and started again: every apartment that it acknowledged is there once, with one row of
// the log, and whoever had no answer asks again and learns the truth.
func TestProgramKilled(t *testing.T) {
	for _, store := range []struct {
		name string
		url  func(t *testing.T, p place) string
	}{
		{"SQLite", func(_ *testing.T, p place) string { return p.database() }},
		{"MariaDB", func(t *testing.T, _ place) string { return databases.MariaDB.NewDatabase(t) }},
		{"MySQL", func(t *testing.T, _ place) string { return databases.MySQL.NewDatabase(t) }},
	} {
		t.Run(store.name, func(t *testing.T) {
			p := newPlace(t)
			l := load{t: t, place: p, database: store.url(t, p)}
			l.place = p.with("OMARTY_DATABASE_URL=" + l.database)
			l.place.write(t, "register.yaml", fixture(t))
			for range 3 {
				l.round()
			}
		})
	}
}

// load is what clients have asked for, over all rounds.
type load struct {
	t        *testing.T
	place    place
	database string
	asked    atomic.Int64 // the last number that was asked for
	// acknowledged are the numbers that were answered as registered.
	acknowledged []int
}

// askedFor is a request for one number, with its own key for every other one.
func (l *load) askedFor(url string, number int) *http.Request {
	s := service{url: url}
	r := s.request(l.t.Context(), l.t, 7, fmt.Sprintf("api=CreateApartment&floorNum=1&aptNum=%d&blockId=4", number))
	if hasKey(number) {
		r.Header.Set("Idempotency-Key", fmt.Sprintf("apartment-%d", number))
	}
	return r
}

func hasKey(number int) bool { return number%2 == 0 }

// round has clients register apartments until the server is killed at a random moment, starts it again and asks.
func (l *load) round() {
	l.t.Helper()
	server := l.place.serve(l.t, "--import", "register.yaml")
	unanswered := l.untilKilled(server)
	restarted := time.Now()
	server = l.place.serve(l.t)
	answers := map[int]answer{}
	for _, number := range unanswered {
		answers[number] = send(l.t, l.askedFor(server.url(l.t), number))
	}
	rows := rowsOf(l.t, l.database)
	kept := map[int]storetest.ApartmentRow{}
	for _, a := range rows.Apartments {
		if a.Block == domain.BlockID(4) {
			kept[a.Number] = a
		}
	}
	for _, number := range l.acknowledged {
		if _, ok := kept[number]; !ok {
			l.t.Errorf("number %d was acknowledged, and is lost", number)
		}
	}
	for number, got := range answers {
		row, ok := kept[number]
		earlier := ok && row.RegisteredAt.Before(restarted)
		want, replayed := registered, earlier && hasKey(number)
		if earlier && !hasKey(number) {
			want = alreadyRegistered
		}
		if got.body != want || (got.header.Get("Idempotent-Replayed") == "true") != replayed {
			l.t.Errorf("number %d, kept before the restart %v, key %v: asked again, it is answered %s (%v)",
				number, earlier, hasKey(number), got.body, got.header)
		}
		if !ok {
			l.t.Errorf("number %d was asked for again, and is not there", number)
		}
		l.acknowledged = append(l.acknowledged, number)
	}
	server.stop(l.t)
}

// untilKilled has clients at work until the server is killed, and returns the numbers that they had no answer for.
func (l *load) untilKilled(server *process) (unanswered []int) {
	const clients = 16
	killAfter := int64(20 + rand.IntN(100))
	url := server.url(l.t)
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	var acknowledged atomic.Int64
	var mutex sync.Mutex
	var work, kill sync.WaitGroup
	for range clients {
		work.Go(func() {
			for {
				number := int(l.asked.Add(1)) + 1000
				body, err := roundTrip(transport, l.askedFor(url, number))
				mutex.Lock()
				if err != nil {
					unanswered = append(unanswered, number)
					mutex.Unlock()
					return
				}
				if body != registered {
					l.t.Errorf("number %d: %s", number, body)
				}
				l.acknowledged = append(l.acknowledged, number)
				mutex.Unlock()
				if acknowledged.Add(1) == killAfter {
					kill.Go(func() { server.kill(l.t) })
				}
			}
		})
	}
	work.Wait()
	kill.Wait()
	l.t.Logf("killed after %d acknowledgements, %d of %d requests had no answer", killAfter, len(unanswered), l.asked.Load())
	return unanswered
}

func roundTrip(transport http.RoundTripper, r *http.Request) (string, error) {
	response, err := transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}
