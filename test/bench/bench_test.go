package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/test/databases"
)

// A bench that is short proves that all of it works: what it measures says nothing.
func TestBench(t *testing.T) {
	databases.MariaDB.URL(t) // skips the test where there is none
	for name, o := range map[string]options{
		"all":    {before: filepath.Join("..", "..")},
		"growth": {growth: true},
	} {
		t.Run(name, func(t *testing.T) {
			o.engines, o.connections, o.sizes = []string{"sqlite", "mariadb", "memory"}, []int{1, 4}, []int{0, 1000}
			o.setSize, o.pageBlocks, o.pageApartments = 100, 2, 300
			o.rounds, o.duration, o.out = 1, 100*time.Millisecond, t.TempDir()
			if err := run(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			written := []string{"growth.md", "growth.svg"}
			if !o.growth {
				written = []string{"bench.md", "bench.svg", "oneblock.md", "oneblock.svg", "library.md"}
			}
			for _, file := range written {
				text, err := os.ReadFile(filepath.Join(o.out, file))
				if err != nil || !strings.Contains(string(text), "MariaDB") || strings.Contains(string(text), "NaN") {
					t.Errorf("%s: %v\n%s", file, err, text)
				}
				if strings.Contains(string(text), beforeName) != (o.before != "" && file != "library.md") {
					t.Errorf("%s: the version before is not where it was asked for alone\n%s", file, text)
				}
			}
		})
	}
}

// A bench of answers that are lost is none.
func TestVerify(t *testing.T) {
	b := built(t)
	kept := must(newRegister(3, 3, []byte(b.secret)))
	err := b.withDatabase(t.Context(), omarty, sqlite, kept, func(d database) error {
		if err := verify(t.Context(), d.url, 0); err != nil {
			t.Error(err)
		}
		if err := fill(t.Context(), d, 3); err != nil {
			return err
		}
		for _, n := range []int{2, 3, 4} {
			if err := verify(t.Context(), d.url, n); (err == nil) != (n == 3) {
				t.Errorf("%d acknowledged of 3 that are kept: %v", n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The yardstick has the same rules: it answers as omarty does.
func TestYardstickAnswersAsOmarty(t *testing.T) {
	b := built(t)
	kept := must(newRegister(2, 2, []byte(b.secret)))
	stranger := must(jwtauth.Mint([]byte(b.secret), 99, time.Hour, time.Now()))
	expired := must(jwtauth.Mint([]byte(b.secret), 1, time.Hour, time.Now().Add(-2*time.Hour)))
	const fine = "api=CreateApartment&floorNum=0&aptNum=2&blockId=1&apartmentId=1&longitude=31.25&latitude=-30"
	asked := []struct{ token, form, key string }{
		{kept.tokens[0], fine, "one"},
		{kept.tokens[0], fine, "one"},
		{kept.tokens[0], strings.Replace(fine, "aptNum=2", "aptNum=3", 1), "one"},
		{kept.tokens[0], fine, ""},
		{kept.tokens[0], strings.Replace(fine, "aptNum=2", "aptNum=3", 1), ""},
		{kept.tokens[0], fine, "a key"},
		{kept.tokens[1], fine, ""},
		{stranger, fine, ""},
		{expired, fine, ""},
		{"", fine, ""},
		{kept.tokens[0] + "x", fine, ""},
		{kept.tokens[0], strings.Replace(fine, "apartmentId=1", "apartmentId=2", 1), ""},
		{kept.tokens[0], strings.Replace(fine, "blockId=1", "blockId=404", 1), ""},
		{kept.tokens[0], strings.Replace(fine, "floorNum=0", "floorNum=301", 1), ""},
		{kept.tokens[0], strings.Replace(fine, "aptNum=2", "aptNum=two", 1), ""},
		{kept.tokens[0], strings.Replace(fine, "latitude=-30", "latitude=-91", 1), ""},
		{kept.tokens[0], strings.Replace(fine, "&aptNum=2", "", 1), ""},
		{kept.tokens[0], strings.Replace(fine, "CreateApartment", "DeleteApartment", 1), ""},
		{kept.tokens[0], "aptNum=2", ""},
	}
	answers := map[string][]string{}
	for _, c := range []contender{omarty, yardstick} {
		err := b.withDatabase(t.Context(), c, sqlite, kept, func(d database) error {
			address := must(freeAddress())
			s, err := startServer(t.Context(), t.TempDir(), address, b.programs[c.name], b.environment(d.url, address), c.serve(address, d)...)
			if err != nil {
				return err
			}
			for _, a := range asked {
				answers[c.name] = append(answers[c.name], post(t, "http://"+address, a.token, a.form, a.key))
			}
			return s.stop()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range answers[omarty.name] {
		if got := answers[yardstick.name][i]; got != want {
			t.Errorf("request %d, %s: %s, omarty answers %s", i, asked[i].form, got, want)
		}
	}
}

func post(t *testing.T, server, token, form, key string) string {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, server+"/omartyapis/Create/", strings.NewReader(form)))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close() //nolint:errcheck // it was only read
	return fmt.Sprintf("%d %s %s", answer.StatusCode, must(io.ReadAll(answer.Body)), answer.Header.Get("Idempotent-Replayed"))
}

// built is a bench whose programs are built.
func built(t *testing.T) *bench {
	t.Helper()
	return &bench{secret: strings.Repeat("secret ", 8), programs: must(build(context.WithoutCancel(t.Context()), t.TempDir(), omarty, yardstick))}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
