package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// plainTokens takes a user's digits for a token.
type plainTokens struct{}

func (plainTokens) User(token string) (domain.UserID, error) {
	n, err := strconv.ParseInt(token, 10, 64)
	switch {
	case token == "expired":
		return 0, domain.TokenExpired
	case err != nil:
		return 0, domain.TokenInvalid
	default:
		return domain.UserID(n), nil
	}
}

// client sends requests from an address, by way of proxies that add to X-Forwarded-For.
type client struct {
	handler http.Handler
	address string
}

func (c client) status(token, forwarded string) int {
	r := httptest.NewRequest(http.MethodPost, "/omartyapis/Create/", strings.NewReader("api=CreateApartment"))
	r.RemoteAddr = c.address
	r.Header.Set("Authorization", "Bearer "+token)
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
		return -1
	}
	return w.Code
}

func newHandler(o httpapi.Options) http.Handler {
	store := memstore.New()
	create := application.NewCreateApartment(store, store, time.Now, application.UUIDv7(time.Now))
	return httpapi.New(plainTokens{}, o, legacy.New(create.Create))
}

// Each user has a burst, then is refused, whatever the others do.
func TestRateLimit(t *testing.T) {
	handler := newHandler(httpapi.Options{RateLimit: 1})
	c := client{handler, "192.0.2.1:1"}
	for user := 1; user <= 3; user++ {
		var limited int
		for range 10 {
			switch got := c.status(strconv.Itoa(user), ""); got {
			case http.StatusOK: // asked for floorNum
			case http.StatusTooManyRequests:
				limited++
			default:
				t.Fatalf("user %d: HTTP %d", user, got)
			}
		}
		if limited < 1 || limited > 8 { // 2 at once, and some more as seconds pass
			t.Errorf("user %d: %d of 10 requests were refused", user, limited)
		}
	}
}

// Where too many tokens have failed, others that fail are refused, and so is who has none. A genuine token is served, and one
// that has expired is told so, whatever others at its address do.
func TestFailureLimit(t *testing.T) {
	handler := newHandler(httpapi.Options{FailureLimit: 1})
	here, elsewhere := client{handler, "192.0.2.1:1"}, client{handler, "192.0.2.2:1"}
	refused := func(token string) (n int) {
		for range 20 {
			if here.status(token, "") == http.StatusTooManyRequests {
				n++
			}
		}
		return n
	}
	for range 3 {
		if got := refused("expired") + refused("7"); got > 0 {
			t.Fatalf("%d were refused, of which none failed", got)
		}
	}
	for range 3 {
		if got := refused("forged"); got < 10 { // 2 at once, and some more as seconds pass
			t.Errorf("%d of 20 forged tokens were refused", got)
		}
		if got := refused(""); got < 10 {
			t.Errorf("%d of 20 requests without a token were refused", got)
		}
		if got := refused("7"); got > 0 {
			t.Errorf("%d of 20 genuine tokens were refused", got)
		}
		if got := here.status("expired", ""); got != http.StatusUnauthorized {
			t.Errorf("an expired token: HTTP %d", got)
		}
	}
	for _, token := range []string{"forged", ""} {
		if got := elsewhere.status(token, ""); got != http.StatusUnauthorized {
			t.Errorf("at another address: HTTP %d", got)
		}
	}
}

// A network of IPv6 that has failures from many of its own is refused as one.
func TestFailureLimitOfWideNetworks(t *testing.T) {
	handler := newHandler(httpapi.Options{FailureLimit: 1})
	var limited int
	for i := range 100 { // 32 at once
		if (client{handler, fmt.Sprintf("[2001:db8:0:%x::1]:1", i)}).status("forged", "") == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited < 30 || limited > 68 {
		t.Errorf("%d of 100 networks of one were refused", limited)
	}
	if got := (client{handler, "[2001:db8:0:ffff::1]:1"}).status("7", ""); got != http.StatusOK {
		t.Errorf("a genuine token: HTTP %d", got)
	}
	if got := (client{handler, "[2001:db8:1:1::1]:1"}).status("forged", ""); got != http.StatusUnauthorized {
		t.Errorf("in another network: HTTP %d", got)
	}
}

// Whose failures are counted: the connection's, unless a trusted proxy says whose it is.
func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name                   string
		trusted                []netip.Prefix
		attacker, victim       string // remote addresses
		attackerSays, victimBy string // X-Forwarded-For
		victimRefused          bool
	}{
		{"no proxy is trusted: the header is not read", nil, "192.0.2.1:1", "192.0.2.2:1", "192.0.2.2", "", false},
		{"no proxy is trusted: one connection, many names", nil, "192.0.2.1:1", "192.0.2.1:2", "198.51.100.1", "198.51.100.2", true},
		{"a trusted proxy tells clients apart", proxies, "10.0.0.1:1", "10.0.0.1:1", "198.51.100.1", "198.51.100.2", false},
		{"a trusted proxy tells a client again", proxies, "10.0.0.1:1", "10.9.9.9:1", "198.51.100.1", "198.51.100.1", true},
		{"a client invents hops before the proxy's", proxies, "10.0.0.1:1", "10.0.0.1:1", "198.51.100.2, 198.51.100.1", "198.51.100.2", false},
		{"one who is no proxy says that it is one", proxies, "192.0.2.1:1", "10.0.0.1:1", "198.51.100.2", "198.51.100.2", false},
		{"IPv6 addresses of one network", nil, "[2001:db8::1]:1", "[2001:db8::2]:1", "", "", true},
		{"IPv6 addresses of two networks", nil, "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", "", "", false},
		{"IPv4 within IPv6", nil, "192.0.2.1:1", "[::ffff:192.0.2.1]:1", "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			handler := newHandler(httpapi.Options{FailureLimit: 1, TrustedProxies: c.trusted})
			for range 50 {
				client{handler, c.attacker}.status("forged", c.attackerSays)
			}
			got := client{handler, c.victim}.status("forged", c.victimBy)
			if refused := got == http.StatusTooManyRequests; refused != c.victimRefused {
				t.Errorf("HTTP %d", got)
			}
		})
	}
}
