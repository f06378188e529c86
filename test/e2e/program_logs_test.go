package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"omarty.net/registry/test/databases"
	"omarty.net/registry/test/tables"
)

// logLine is one entry of the log, by its keys.
type logLine map[string]string

// The two formats: how to read a line, with an error for one that is not wholly an entry.
var logFormats = map[string]func(line string) (logLine, error){
	"json": func(line string) (logLine, error) {
		var entry map[string]any
		numbers := json.NewDecoder(strings.NewReader(line))
		numbers.UseNumber()
		if err := numbers.Decode(&entry); err != nil || numbers.More() {
			return nil, fmt.Errorf("not one object: %w", err)
		}
		read := logLine{}
		for key, v := range entry {
			read[key] = fmt.Sprint(v)
		}
		return read, nil
	},
	"text": func(line string) (logLine, error) {
		read := logLine{}
		for line != "" {
			pair := textPair.FindStringSubmatch(line)
			if pair == nil {
				return nil, fmt.Errorf("no pair at %q", line)
			}
			key, v := pair[1], pair[2]
			if _, twice := read[key]; twice {
				return nil, fmt.Errorf("%s stands twice", key)
			}
			if strings.HasPrefix(v, `"`) {
				unquoted, err := strconv.Unquote(v)
				if err != nil {
					return nil, err
				}
				v = unquoted
			}
			read[key], line = v, line[len(pair[0]):]
		}
		return read, nil
	},
}

var textPair = regexp.MustCompile(`^([A-Za-z_.]+)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |$)`)

// loggedRequest is one request, and what its line of the log must say.
type loggedRequest struct {
	lines string // header lines beside those of a good request
	start string // instead of its request line
	body  string // instead of its form
	// user, block and code are what the line must hold.
	user, block, code string
}

const forged = `level=ERROR msg=forged`

func requestsToLog(t *testing.T) []loggedRequest {
	t.Helper()
	good := bearer(token(t, 7))
	place := "&longitude=31.2357123&latitude=30.0444198"
	number := func(n int) string { return fmt.Sprintf("api=CreateApartment&floorNum=1&blockId=4&aptNum=%d", n) }
	return []loggedRequest{
		{good, "", number(424242) + place, "7", "4", "ok"},
		{good, "", number(424242) + place, "7", "4", "number_taken"},
		{good + "Idempotency-Key: LEAK-key-1\r\n", "", number(424243) + place, "7", "4", "ok"},
		{good + "Idempotency-Key: LEAK-key-1\r\n", "", number(424244) + place, "7", "4", "key_reused"},
		{good, "", `{"api":"CreateApartment","floorNum":1,"aptNum":424245,"blockId":4,"longitude":31.2357123,"latitude":"30.0444198"}`, "7", "4", "ok"},
		{good, "", number(424246) + "&longitude=312357123&latitude=300444198", "7", "4", "out_of_range"},
		{good, "", number(424246) + "&longitude=LEAK-31.2357123", "7", "0", "not_a_number"},
		{bearer(token(t, 8)), "", number(424246) + place, "8", "4", "not_permitted"},
		{bearer(token(t, 7) + "x"), "", number(424246), "0", "0", "token_invalid"},
		{bearer("LEAK-" + secret), "", number(424246), "0", "0", "token_invalid"},
		{"", "", number(424246) + "&access_token=" + token(t, 7), "0", "0", "token_missing"},
		{good, "", "api=LEAK%0Alevel=ERROR+msg=forged", "7", "0", "api_unknown"},
		{good, "", "api=CreateApartment&floorNum=%0A" + forged + "&aptNum=1", "7", "0", "not_a_whole_number"},
		{good, "", "{\"LEAK\n" + forged + "\n", "7", "0", "body_unreadable"},
		{good, "", "LEAK=%zz\n" + forged, "7", "0", "body_unreadable"},
		{good + "Content-Encoding: LEAK\x01" + forged + "\r\n", "", number(424246), "", "", ""},
		{good + "Content-Encoding: LEAK\t" + forged + "\r\n", "", number(424246), "7", "0", "content_encoding_unsupported"},
		{good + "Idempotency-Key: LEAK\t" + forged + "\r\n", "", number(424246), "7", "4", "key_invalid"},
		{good + "X-Request-Id: LEAK\" " + forged + "\r\n", "", number(424246) + "&blockId=404", "7", "404", "not_permitted"},
		{good + "X-Request-Id: LEAK\t" + forged + "\x85\xe2\x80\xa8\r\n", "", number(424246) + "&blockId=404", "7", "404", "not_permitted"},
		{good + "X-Request-Id: LEAK\r\n " + forged + "\r\n", "", number(424246) + "&blockId=404", "", "", ""},
		{good + "X-Request-Id: LEAK\x1b[2J\r\n", "", number(424246), "", "", ""},
		{good + "User-Agent: LEAK\" " + forged + "\r\nReferer: LEAK\r\nX-Forwarded-For: LEAK " + forged + "\r\n", "", number(424246) + "&blockId=404", "7", "404", "not_permitted"},
		{good, "POST /omartyapis/Create/?LEAK=%0A" + forged[:11] + "&token=" + token(t, 7), number(424246) + "&blockId=404", "7", "404", "not_permitted"},
		{good, "POST /LEAK/%0A%0d" + forged[:11] + "%1b%5b2J/" + token(t, 7), number(424246), "0", "0", "not_found"},
		{good, "POST /LEAK/%zz", number(424246), "", "", ""},
		{good, "POST http://LEAK/omartyapis/LEAK", number(424246), "0", "0", "not_found"},
		{good, "LEAK`|~^$&'*+-.!#" + strings.Repeat("M", 500) + " /omartyapis/Create/", number(424246), "0", "0", "method_not_allowed"},
		{good, "LEAK\" /omartyapis/Create/", number(424246), "", "", ""},
		{good, "GET /healthz", number(424246), "0", "0", "ok"},
		{good, "GET /readyz", number(424246), "0", "0", "ok"},
		{good, "DELETE /readyz", number(424246), "0", "0", "probe_method_not_allowed"},
	}
}

// send sends the request, and returns the id of its answer, or none where Go's server refused it.
func (s loggedRequest) send(t *testing.T, address string) string {
	t.Helper()
	if s.start == "" {
		s.start = "POST /omartyapis/Create/"
	}
	got := exchange(t, address, s.start+" HTTP/1.1\r\nHost: omarty\r\nConnection: close\r\n"+s.lines+
		"Content-Type: "+form+"\r\nContent-Length: "+strconv.Itoa(len(s.body))+"\r\n\r\n"+s.body)
	id := got.header.Get("X-Request-Id")
	if (id == "") != (s.code == "") || id == "" && got.status != http.StatusBadRequest {
		t.Errorf("%q %q: HTTP %d %s", s.start, s.lines, got.status, got.body)
	}
	return id
}

// What no line may hold: a token or a part of one, a secret, a coordinate, what is sent to the database, and what a client
// wrote to be taken for a line of its own.
var neverLogged = regexp.MustCompile(`eyJ|31\.?2357|30\.?0444|\b4242[45]\d\b|LEAK-|level=ERROR msg=forged|\x1b|\x85|\x{2028}|` + regexp.QuoteMeta(secret))

// measured are the values that may be any number: times, and the number of what was registered.
var measured = regexp.MustCompile(`\b(time|took_ms|number)"?[:=]"?[^ ,"}]*`)

// Each request has one line, and however it is written, no line holds what is secret, personal or forged.
func TestProgramLogs(t *testing.T) {
	for _, store := range []struct {
		name string
		url  func(t *testing.T) string
	}{
		{"SQLite", func(*testing.T) string { return "" }},
		{"MariaDB", func(t *testing.T) string { return databases.MariaDB.NewDatabase(t) }},
		{"MySQL", func(t *testing.T) string { return databases.MySQL.NewDatabase(t) }},
	} {
		for format, read := range logFormats {
			t.Run(store.name+", "+format, func(t *testing.T) {
				p := newPlace(t, "OMARTY_LOG_FORMAT="+format, "OMARTY_LOG_LEVEL=debug")
				database := p.database()
				if url := store.url(t); url != "" {
					database = url
				}
				p = p.with("OMARTY_DATABASE_URL=" + database)
				p.write(t, "register.yaml", fixture(t))
				server := p.start(t, "serve", "--import", "register.yaml")
				found := server.printed(t, regexp.MustCompile(`"?msg"?[:=]"?serving"?[ ,]"?address"?[:=]"?([0-9.:]+)`))
				want := map[string]loggedRequest{}
				for _, s := range requestsToLog(t) {
					if id := s.send(t, found[1]); id != "" {
						want[id] = s
					}
				}
				db := tables.Open(t, database)
				// A duplicate of a key that the store does not know: a server says it with its values.
				if _, err := db.ExecContext(t.Context(), "CREATE UNIQUE INDEX another ON apartments (registered_by, number)"); err != nil {
					t.Fatal(err)
				}
				for _, s := range []loggedRequest{
					{bearer(token(t, 10)), "", "api=CreateApartment&floorNum=1&blockId=6&aptNum=424242&longitude=31.2357123", "10", "6", "ok"},
					{bearer(token(t, 10)), "", "api=CreateApartment&floorNum=1&blockId=8&aptNum=424242&longitude=31.2357123", "10", "8", "internal"},
				} {
					want[s.send(t, found[1])] = s
				}
				// Without a table, each store fails with a text of the database's own.
				if _, err := db.ExecContext(t.Context(), "DROP TABLE changes"); err != nil {
					t.Fatal(err)
				}
				last := loggedRequest{bearer(token(t, 7)), "", "api=CreateApartment&floorNum=2&blockId=4&aptNum=424250&latitude=30.0444198", "7", "4", "internal"}
				want[last.send(t, found[1])] = last
				server.stop(t)
				checkLog(t, server.stderr.String(), read, want)
			})
		}
	}
}

// checkLog wants every line to be an entry, and one entry for each request.
func checkLog(t *testing.T, log string, read func(string) (logLine, error), want map[string]loggedRequest) {
	t.Helper()
	statements, times := 0, map[string]int{}
	for line := range strings.Lines(log) {
		line = strings.TrimSuffix(line, "\n")
		if held := neverLogged.FindString(measured.ReplaceAllString(line, "")); held != "" {
			t.Errorf("%q is logged: %s", held, line)
		}
		entry, err := read(line)
		if err != nil || entry["time"] == "" || entry["level"] == "" || entry["msg"] == "" {
			t.Errorf("no entry of the log: %v: %s", err, line)
			continue
		}
		switch entry["msg"] {
		case "statement":
			statements++
			continue
		case "request":
		default:
			continue
		}
		id := entry["id"]
		times[id]++
		s, known := want[id]
		if !known {
			t.Errorf("a line for a request that was not made: %s", line)
			continue
		}
		if entry["user"] != s.user || entry["block"] != s.block || entry["code"] != s.code || entry["took_ms"] == "" || entry["status"] == "" {
			t.Errorf("want user %s, block %s and code %s: %s", s.user, s.block, s.code, line)
		}
		if (entry["number"] != "") != (s.code == "ok" && s.user != "0") {
			t.Errorf("a number stands with what was registered, and nowhere else: %s", line)
		}
	}
	for id, s := range want {
		if times[id] != 1 {
			t.Errorf("%d lines for %q %q", times[id], s.start, s.body)
		}
	}
	if statements == 0 {
		t.Error("level debug logs no statements")
	}
}
