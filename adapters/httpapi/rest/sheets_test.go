package rest_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/rest"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// What spreadsheets write is understood: their marks, separators, quotes, line ends and digits.
func TestSheetsOfSpreadsheets(t *testing.T) {
	for _, body := range []string{
		"floor,number\n2,201\n-1,9\n", "\ufefffloor;number\r\n2;201\r\n-1;9\r\n", "Floor\tNumber\r2\t201\r-1\t9", "\n \"floor\" , \"number\" \n\n\"2\",\"201\"\n -1 , 9.0 \n\n",
		"floor,number\n٢,٢٠١\n-۱,۹\n", "floor,number\n\u200f2,201\n-1,+9",
	} {
		s := serve(t, town(t), httpapi.Options{})
		got := s.send(manager, "POST", changeSets, body, "Content-Type", "text/csv; charset=utf-8; header=present")
		if got.status != 201 || got.value(t, "counts", "register") != 2.0 ||
			got.value(t, "changes", 0, "after", "number") != 201.0 || got.value(t, "changes", 1, "after", "floor") != -1.0 {
			t.Errorf("%q: HTTP %d %s", body, got.status, got.body)
		}
		again := s.send(manager, "POST", changeSets+"?dryRun=true&ifVersion=4", body, "Content-Type", "text/csv")
		if again.status != 200 || again.value(t, "counts", "unchanged") != 2.0 {
			t.Errorf("%q again: HTTP %d %s", body, again.status, again.body)
		}
	}
}

// A fault of a row names its line, as an editor counts it.
func TestLinesOfSheets(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	for _, end := range []string{"\n", "\r\n", "\r"} {
		got := s.send(manager, "POST", changeSets, strings.ReplaceAll("floor,number\n1,9\n\n1,x", "\n", end), "Content-Type", "text/csv")
		if detail, _ := got.value(t, "errors", 0, "detail").(string); !contains(detail, "(line 4)") || got.value(t, "errors", 0, "field") != "/changes/1/number" {
			t.Errorf("lines that end in %q: %s", end, got.body)
		}
	}
}

// ledgerOf reads a ledger as a spreadsheet does.
func ledgerOf(t *testing.T, got answer) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(got.body, "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || strings.Count(text, "\r\n") != strings.Count(text, "\n") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%v %v, marked %v, %.300s", err, got.header, marked, text)
	}
	return rows
}

// The whole ledger comes as one sheet, however many pages it takes, and no cell of it begins as a formula.
func TestLedgerAsSheet(t *testing.T) {
	s := serve(t, town(t), httpapi.Options{})
	for i := range 5 {
		if got := s.send(manager, "POST", changeSets, fmt.Sprintf(`{"layout":"%d: %d-%d"}`, i, 1000*(i+1), 1000*(i+1)+499), "X-Request-Id", "-2-3"); got.status != 201 {
			t.Fatal(got.body)
		}
	}
	rows := ledgerOf(t, s.send(manager, "GET", "/v1/blocks/4/changes", "", "Accept", "application/json;q=0.5, text/csv"))
	if len(rows) != 2503 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows[1:] {
		if row[0] != fmt.Sprint(i+1) {
			t.Fatalf("row %d is %v", i+1, row)
		}
	}
	if last := rows[2502]; last[15] != "'-2-3" || last[1] != "2026-01-02 03:04:05" || last[7] != "4" || last[8] != "5499" || last[9] != "registered" {
		t.Errorf("the last row is %q", last)
	}
	if rows := ledgerOf(t, s.send(manager, "GET", "/v1/blocks/4/changes?order=desc&after=1500&kind=register", "", "Accept", "text/csv")); len(rows) != 1498 || rows[1][0] != "1499" {
		t.Errorf("%d rows, the first %v", len(rows), rows[1])
	}
	for _, accept := range []string{"", "*/*", "application/json, text/csv;q=0.9", "text/csv;q=0", "text/csv;q=x", "text/html"} {
		if got := s.send(manager, "GET", "/v1/blocks/4/changes", "", "Accept", accept); got.header.Get("Content-Type") != "application/json" {
			t.Errorf("Accept: %s: %s", accept, got.header.Get("Content-Type"))
		}
	}
}

// A stream that fails does not look whole.
func TestBrokenSheet(t *testing.T) {
	pages := 0
	s := serveUseCases(t, rest.UseCases{
		ReadLedger: func(context.Context, application.ReadLedgerInput) (application.ReadLedgerOutput, error) {
			if pages++; pages > 1 {
				return application.ReadLedgerOutput{}, fmt.Errorf("%w: the disk", domain.StoreUnavailable)
			}
			next := domain.Sequence(1)
			return application.ReadLedgerOutput{Page: application.Page[domain.LedgerEntry, domain.Sequence]{Items: make([]domain.LedgerEntry, 1000), Next: &next}}, nil
		},
	}, httpapi.Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/blocks/4/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer 7")
	r.Header.Set("Accept", "text/csv")
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); !errors.Is(err, io.ErrUnexpectedEOF) || response.StatusCode != 200 {
		t.Errorf("HTTP %d, %d bytes, %v", response.StatusCode, n, err)
	}
}

// A user who reads sheets slowly, and many at once, leaves connections for others.
func TestSheetsOfOneUser(t *testing.T) {
	const most = 4
	begun, end := make(chan struct{}), make(chan struct{})
	s := serveUseCases(t, rest.UseCases{
		ReadLedger: func(_ context.Context, in application.ReadLedgerInput) (application.ReadLedgerOutput, error) {
			if in.Kind == domain.ChangeRetire {
				begun <- struct{}{}
				<-end
			}
			return application.ReadLedgerOutput{}, nil
		},
	}, httpapi.Options{})
	sheet := func(user int, query string) int {
		return s.send(user, "GET", "/v1/blocks/4/changes"+query, "", "Accept", "text/csv").status
	}
	answered := make(chan int)
	for range most {
		go func() { answered <- sheet(manager, "?kind=retire") }()
		<-begun
	}
	if one, other := sheet(manager, ""), sheet(board, ""); one != 429 || other != 200 {
		t.Errorf("one more sheet: HTTP %d, and of another user: HTTP %d", one, other)
	}
	if got := s.send(manager, "GET", "/v1/blocks/4/changes", ""); got.status != 200 {
		t.Errorf("a page: HTTP %d", got.status)
	}
	close(end)
	for range most {
		if got := <-answered; got != 200 {
			t.Errorf("HTTP %d", got)
		}
	}
	if got := sheet(manager, ""); got != 200 {
		t.Errorf("after them: HTTP %d", got)
	}
}
