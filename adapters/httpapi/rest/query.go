package rest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// query is the query string of a request.
type query struct {
	faults
	values url.Values
}

// query reads the query string. What is not one of the names, or comes twice, is a fault.
func (r *request) query(names ...string) *query {
	q := &query{}
	values, err := url.ParseQuery(r.Request().URL.RawQuery)
	if err != nil {
		q.addName("", domain.Unreadable, "the query string cannot be read")
		return q
	}
	q.values = values
	sorted := make([]string, 0, len(values))
	for name := range values {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		switch {
		case !slices.Contains(names, name):
			q.addName(pointerName(name), domain.NotKnown, "is not a parameter here")
		case len(values[name]) > 1:
			q.addName(name, domain.Repeated, "comes twice")
		}
	}
	return q
}

func (q *query) text(name string) (string, bool) { return q.values.Get(name), q.values.Has(name) }

// whole returns a whole number, 0 for none.
func (q *query) whole(name string) (int64, bool) {
	text, given := q.text(name)
	if !given {
		return 0, false
	}
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		q.add(name, notWhole, "must be a whole number")
		return 0, false
	}
	n, _ := strconv.ParseInt(text, 10, 64) // on an error of range, n is the end of the range
	return n, true
}

// ranged returns a whole number between two, both included, 0 for none.
func (q *query) ranged(name string, low, high int64) (int64, bool) {
	n, given := q.whole(name)
	if given && (n < low || n > high) {
		q.add(name, domain.OutOfRange, "must be between "+strconv.FormatInt(low, 10)+" and "+strconv.FormatInt(high, 10))
		return 0, false
	}
	return n, given
}

// queryID returns an id, 0 for none.
func queryID[ID ~int64](q *query, name string, newID func(int64) (ID, error)) ID {
	n, given := q.whole(name)
	if !given {
		return 0
	}
	id, err := newID(n)
	q.refuse(name, err)
	return id
}

// word returns one of the words, "" for none.
func (q *query) word(name string, words ...string) string {
	text, given := q.text(name)
	if given && !slices.Contains(words, text) {
		q.add(name, domain.NotKnown, "must be one of: "+strings.Join(words, ", "))
		return ""
	}
	return text
}

// time returns a time, the zero time for none.
func (q *query) time(name string) time.Time {
	text, given := q.text(name)
	if !given {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.IsZero() { // which would ask for any time
		q.add(name, domain.Unreadable, "must be a time such as 2026-01-31T12:00:00Z")
	}
	return at
}

// err returns the refusal of names or, where there is none, of values.
func (q *query) err() error {
	if err := q.readable(unknownParameter); err != nil {
		return err
	}
	return q.faults.err()
}

// boolean returns true or false, false for none.
func (q *query) boolean(name string) bool { return q.word(name, "false", "true") == "true" }

func (q *query) pageSize() int {
	n, _ := q.ranged("pageSize", 1, application.MaxPageSize)
	return int(n)
}

// page returns what a page token has to fit: the operation, the block, the user and the query but for the page.
func (r *request) page(q *query, block domain.BlockID) string {
	rest := url.Values{}
	for name, values := range q.values {
		if name != "pageToken" && name != "pageSize" {
			rest[name] = values
		}
	}
	return strings.Join([]string{
		r.info.Operation, strconv.FormatInt(int64(block), 10), strconv.FormatInt(int64(r.user), 10), rest.Encode(),
	}, "\x00")
}

// pageCursor returns the cursor of the page that is asked for, nil for the first one.
func (s *Surface) pageCursor(q *query, page string, length int) ([]int64, error) {
	token, given := q.text("pageToken")
	if !given {
		return nil, nil
	}
	return s.tokens.open(page, token, length)
}
