package e2e_test

import (
	"regexp"
	"strconv"
	"testing"
)

var goMemoryLimit = regexp.MustCompile(`(?m)^go_gc_gomemlimit_bytes (\S+)$`)

// The program has a memory limit without being told of one, from what its clients may make it hold; GOMEMLIMIT wins.
func TestProgramMemoryLimit(t *testing.T) {
	for _, c := range []struct {
		name      string
		variables []string
		most      float64 // MiB; a cgroup may make it less
	}{
		{"by default", nil, 176},
		{"of few connections", []string{"OMARTY_HTTP_MAX_CONNECTIONS=64", "OMARTY_HTTP_BODY_MEMORY=1MiB"}, 68},
		{"GOMEMLIMIT", []string{"GOMEMLIMIT=50MiB"}, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t, append(c.variables, "OMARTY_DATABASE_URL=memory:", "OMARTY_ADMIN_ADDRESS=127.0.0.1:0")...)
			server := p.serve(t)
			_, page := get(t, "http://"+server.printed(t, servingOperators)[1]+"/metrics")
			found := goMemoryLimit.FindStringSubmatch(page)
			if found == nil {
				t.Fatal("no go_gc_gomemlimit_bytes")
			}
			if limit, err := strconv.ParseFloat(found[1], 64); err != nil || limit > c.most*(1<<20) || limit < 10<<20 {
				t.Errorf("%s bytes, %v", found[1], err)
			}
			server.stop(t)
		})
	}
}
