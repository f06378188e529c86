package e2e_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/jwtauth"
)

const form = "application/x-www-form-urlencoded"

// post is a request that differs from a good one, which registers apartment 2 of block 4, in what it names.
type post struct {
	method      string
	path        string
	header      http.Header // replaces those of the good request that it names; nil values remove one
	body        string
	contentType string
}

func (p post) send(t *testing.T, s service) answer {
	t.Helper()
	method, path := p.method, p.path
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/omartyapis/Create/"
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token(t, 7))
	r.Header.Set("Content-Type", form)
	if p.contentType != "" {
		r.Header.Set("Content-Type", p.contentType)
	}
	for name, values := range p.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return send(t, r)
}

func message(status int, text string) string {
	return fmt.Sprintf(`{"status":%d,"message":%q}`, status, text)
}

const goodForm = "api=CreateApartment&floorNum=1&aptNum=2&blockId=4"

// Checks 1 to 8 and 12 of the contract's table: what a request is refused for before its numbers are looked at. Each has
// the faults of all the later ones, so that the order shows.
func TestOrderOfTheChecks(t *testing.T) {
	s := serve(t, inMemory(t))
	large := strings.Repeat("x", 64<<10+1)
	later := http.Header{"Idempotency-Key": {"not valid"}}
	with := func(pairs ...string) http.Header {
		h := later.Clone()
		for i := 0; i < len(pairs); i += 2 {
			h[pairs[i]] = append(h[pairs[i]], pairs[i+1])
		}
		return h
	}
	without := func(name string, pairs ...string) http.Header {
		h := with(pairs...)
		h[name] = nil
		return h
	}
	for _, c := range []struct {
		name string
		post
		status  int
		message string
	}{
		{"1 method", post{method: "PUT", header: without("Authorization"), body: large}, 405, "Method not allowed."},
		{"2 declared length", post{header: without("Authorization"), body: large}, 413, "Request is too large."},
		{"3 no token", post{header: without("Authorization", "Content-Encoding", "gzip"), contentType: "text/xml"}, 401, "Access token not found."},
		{"4 bad token", post{header: with("Authorization", "Bearer x.y.z", "Content-Encoding", "gzip"), contentType: "text/xml"}, 401, "Access token is not valid."},
		{"5 coding", post{header: with("Content-Encoding", "gzip"), contentType: "text/xml"}, 415, "Content-Encoding is not supported."},
		{"5 type", post{header: later, contentType: "text/xml", body: "%"}, 415, "Content-Type is not supported."},
		{"6 body", post{header: later, body: "%"}, 400, "Request body could not be read."},
		{"7 api", post{header: later, body: "aptNum=x"}, 404, "Please enter api."},
		{"8 api", post{header: later, body: "api=x&aptNum=x"}, 404, "API does not exist."},
		{"9 floorNum", post{header: later, body: "api=CreateApartment&blockId=x"}, 200, "Please enter floorNum."},
		{"9 aptNum", post{header: later, body: "api=CreateApartment&floorNum=x&blockId=x"}, 200, "Please enter aptNum."},
		{"10 floorNum", post{header: later, body: "api=CreateApartment&floorNum=x&aptNum=x"}, 200, "floorNum must be a whole number."},
		{"10 aptNum", post{header: later, body: "api=CreateApartment&floorNum=301&aptNum=x&blockId=x"}, 200, "aptNum must be a whole number."},
		{"10 blockId", post{header: later, body: "api=CreateApartment&floorNum=301&aptNum=0&blockId=x&apartmentId=x"}, 200, "blockId must be a whole number."},
		{"10 apartmentId", post{header: later, body: "api=CreateApartment&floorNum=301&aptNum=0&blockId=-1&apartmentId=x&longitude=x"}, 200, "apartmentId must be a whole number."},
		{"10 longitude", post{header: later, body: "api=CreateApartment&floorNum=301&aptNum=0&blockId=-1&apartmentId=-1&longitude=x&latitude=x"}, 200, "longitude must be a number."},
		{"10 latitude", post{header: later, body: "api=CreateApartment&floorNum=301&aptNum=0&blockId=-1&apartmentId=-1&longitude=181&latitude=x"}, 200, "latitude must be a number."},
		{"11 floorNum", post{header: later, body: "api=CreateApartment&floorNum=301&aptNum=0&blockId=-1&apartmentId=-1&longitude=181&latitude=91"}, 200, "floorNum must be between -20 and 300."},
		{"11 aptNum", post{header: later, body: "api=CreateApartment&floorNum=1&aptNum=0&blockId=-1&apartmentId=-1&longitude=181&latitude=91"}, 200, "aptNum must be between 1 and 999999."},
		{"11 blockId", post{header: later, body: "api=CreateApartment&floorNum=1&aptNum=2&blockId=-1&apartmentId=-1&longitude=181&latitude=91"}, 200, "blockId must be above 0."},
		{"11 apartmentId", post{header: later, body: "api=CreateApartment&floorNum=1&aptNum=2&blockId=4&apartmentId=-1&longitude=181&latitude=91"}, 200, "apartmentId must be above 0."},
		{"11 longitude", post{header: later, body: goodForm + "&longitude=181&latitude=91"}, 200, "longitude must be between -180 and 180."},
		{"11 latitude", post{header: later, body: goodForm + "&longitude=180&latitude=91"}, 200, "latitude must be between -90 and 90."},
		{"12 key", post{header: later, body: "api=CreateApartment&floorNum=1&aptNum=2&blockId=404"}, 400, "Idempotency-Key is not valid."},
		{"12 key once", post{header: http.Header{"Idempotency-Key": {"a", "a"}}, body: goodForm}, 400, "Idempotency-Key is not valid."},
		{"12 empty key", post{header: http.Header{"Idempotency-Key": {""}}, body: goodForm}, 400, "Idempotency-Key is not valid."},
		{"12 long key", post{header: http.Header{"Idempotency-Key": {strings.Repeat("k", 256)}}, body: goodForm}, 400, "Idempotency-Key is not valid."},
		{"14", post{body: "api=CreateApartment&floorNum=1&aptNum=3&blockId=404"}, 200, "User does not have permissions in this block."},
		{"16", post{body: "api=CreateApartment&floorNum=1&aptNum=3&blockId=4"}, 200, "Apartment already registered."},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.send(t, s)
			if got.status != c.status || got.body != message(c.status, c.message) {
				t.Errorf("HTTP %d %s, want %s", got.status, got.body, message(c.status, c.message))
			}
		})
	}
	if n := len(s.rows(t).Logs); n != 0 {
		t.Errorf("%d log rows after refusals alone", n)
	}
}

// What the headers of a request and of its answer say.
func TestHeaders(t *testing.T) {
	s := serve(t, inMemory(t))
	expired, err := jwtauth.Mint([]byte(secret), 7, time.Hour, time.Now().Add(-2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	good := token(t, 7)
	refused := message(200, "Please enter floorNum.") // of a request that comes as far as its numbers
	for _, c := range []struct {
		name   string
		post   post
		body   string
		header map[string]string
	}{
		{"405 names POST", post{method: "GET"}, message(405, "Method not allowed."), map[string]string{"Allow": "POST"}},
		{"OPTIONS", post{method: "OPTIONS"}, message(405, "Method not allowed."), map[string]string{"Allow": "POST"}},
		{"a method that HTTP has not", post{method: "BREW"}, message(405, "Method not allowed."), map[string]string{"Allow": "POST"}},
		{"HEAD", post{method: "HEAD"}, "", map[string]string{"Allow": "POST"}},
		{"no last slash", post{path: "/omartyapis/Create", body: "api=CreateApartment"}, refused, nil},
		{"another path", post{path: "/omartyapis/Delete/"}, message(404, "Not found."), nil},
		{"another path, not POST", post{path: "/omartyapis/", method: "GET"}, message(404, "Not found."), nil},
		{"the query string is not read", post{path: "/omartyapis/Create/?floorNum=1", body: "api=CreateApartment"}, refused, nil},

		{"scheme in any case", post{header: http.Header{"Authorization": {"bEARER  " + good}}, body: "api=CreateApartment"}, refused, nil},
		{"no scheme", post{header: http.Header{"Authorization": {good}}}, message(401, "Access token not found."), map[string]string{"Www-Authenticate": "Bearer"}},
		{"another scheme", post{header: http.Header{"Authorization": {"Basic " + good}}}, message(401, "Access token not found."), nil},
		{"scheme alone", post{header: http.Header{"Authorization": {"Bearer "}}}, message(401, "Access token not found."), nil},
		{"two tokens", post{header: http.Header{"Authorization": {"Bearer " + good, "Bearer " + good}}}, message(401, "Access token not found."), nil},
		{"not genuine", post{header: http.Header{"Authorization": {"Bearer " + good + "x"}}}, message(401, "Access token is not valid."), map[string]string{"Www-Authenticate": `Bearer error="invalid_token"`}},
		{"expired", post{header: http.Header{"Authorization": {"Bearer " + expired}}}, message(401, "Access token has expired."), map[string]string{"Www-Authenticate": `Bearer error="invalid_token"`}},

		{"no type is a form's", post{header: http.Header{"Content-Type": nil}, body: "api=CreateApartment"}, refused, nil},
		{"type in any case, with a charset", post{contentType: "Application/X-WWW-Form-Urlencoded; charset=UTF-8", body: "api=CreateApartment"}, refused, nil},
		{"JSON type", post{contentType: "application/json;charset=utf-8", body: `{"api":"CreateApartment"}`}, refused, nil},
		{"identity", post{header: http.Header{"Content-Encoding": {"Identity"}}, body: "api=CreateApartment"}, refused, nil},
		{"two codings", post{header: http.Header{"Content-Encoding": {"identity", "br"}}}, message(415, "Content-Encoding is not supported."), nil},

		{"every answer", post{body: "api=CreateApartment"}, refused, map[string]string{
			"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Encoding": "", "Access-Control-Allow-Origin": "",
		}},
		{"their request id", post{header: http.Header{"X-Request-Id": {"aZ-09"}}, body: "api=CreateApartment"}, refused, map[string]string{"X-Request-Id": "aZ-09"}},
		{"their request id, on a path that is not there", post{path: "/", header: http.Header{"X-Request-Id": {"a"}}}, message(404, "Not found."), map[string]string{"X-Request-Id": "a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.post.send(t, s)
			if got.body != c.body {
				t.Errorf("%s, want %s", got.body, c.body)
			}
			for name, value := range c.header {
				if got.header.Get(name) != value {
					t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
				}
			}
			if got.header.Get("X-Request-Id") == "" {
				t.Error("no request id")
			}
		})
	}
	for _, theirs := range []string{"", "a b", "a\tb", "é", "a_b", strings.Repeat("a", 65)} {
		got := post{header: http.Header{"X-Request-Id": {theirs}}}.send(t, s).header.Get("X-Request-Id")
		if got == theirs || got == "" {
			t.Errorf("request id %q was answered by %q", theirs, got)
		}
	}
}

// How bodies are read: each either comes as far as asking for floorNum, or does not parse.
func TestBodies(t *testing.T) {
	s := serve(t, inMemory(t))
	const (
		read   = "Please enter floorNum."
		noAPI  = "Please enter api."
		broken = "Request body could not be read."
		json   = "application/json"
		parts  = "multipart/form-data; boundary=b"
	)
	statuses := map[string]int{read: 200, noAPI: 404, broken: 400, "Request is too large.": 413, "API does not exist.": 404}
	nested := func(depth int) string { // the object included
		return `{"api":"CreateApartment","x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
	}
	part := func(disposition, value string) string {
		return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
	}
	for _, c := range []struct {
		name, contentType, body, message string
	}{
		{"form", form, "api=CreateApartment", read},
		{"form, escaped", form, "%61pi=Create%41partment&x=+", read},
		{"form, the last stands", form, "api=x&api=CreateApartment", read},
		{"form, the last stands, empty", form, "api=CreateApartment&api=", noAPI},
		{"form, names in another case", form, "API=CreateApartment&Api=CreateApartment", noAPI},
		{"form, many unknown names", form, strings.Repeat("a&", 15000) + "api=CreateApartment", read},
		{"form, empty", form, "", noAPI},
		{"form, spaces alone", form, "api=+%09+", noAPI},
		{"form, a bare semicolon", form, "api=CreateApartment;x=1", broken},
		{"form, an escaped semicolon", form, "api=CreateApartment&x=%3B", read},
		{"form, bad escape", form, "api=CreateApartment&x=%zz", broken},
		{"form, bad escape in a name", form, "api=CreateApartment&%=1", broken},
		{"form, cut escape", form, "api=CreateApartment&x=%4", broken},

		{"JSON under a form's type", form, " \r\n\t{\"api\":\"CreateApartment\"}", read},
		{"JSON under multipart's type", parts, `{"api":"CreateApartment"}`, read},
		{"JSON under multipart without boundary", "multipart/form-data", `{"api":"CreateApartment"}`, read},
		{"JSON, comments and commas", json, "// a\n/* { */ {\"api\": /**/ \"CreateApartment\", // }\n \"x\": [1, 2,],}\n// end", read},
		{"JSON, the last stands", json, `{"api":"x","api":"CreateApartment"}`, read},
		{"JSON, escaped name", json, `{"\u0061pi":"CreateApartment"}`, read},
		{"JSON, null", json, `{"api":null}`, noAPI},
		{"JSON, null last", json, `{"api":"CreateApartment","api":null}`, noAPI},
		{"JSON, in another case", json, `{"API":"CreateApartment"}`, noAPI},
		{"JSON, api is no text", json, `{"api":1}`, "API does not exist."},
		{"JSON, api is true", json, `{"api":true}`, "API does not exist."},
		{"JSON, empty", json, "", broken},
		{"JSON, spaces", json, "  ", broken},
		{"JSON, two objects", json, `{"api":"CreateApartment"}{}`, broken},
		{"JSON, followed by more", json, `{"api":"CreateApartment"} x`, broken},
		{"JSON, array", json, `[{"api":"CreateApartment"}]`, broken},
		{"JSON, text", json, `"api"`, broken},
		{"JSON, unquoted name", json, `{api:"CreateApartment"}`, broken},
		{"JSON, NaN", json, `{"api":"CreateApartment","x":NaN}`, broken},
		{"JSON, plus", json, `{"api":"CreateApartment","x":+2}`, broken},
		{"JSON, two commas", json, `{"api":"CreateApartment",,}`, broken},
		{"JSON, cut", json, `{"api":"CreateApartment"`, broken},
		{"JSON, open comment", json, `{"api":"CreateApartment"} /* `, broken},
		{"JSON, 32 deep", json, nested(32), read},
		{"JSON, 33 deep", json, nested(33), broken},
		{"JSON, brackets in texts are not depth", json, `{"api":"CreateApartment","x":"` + strings.Repeat(`[\"`, 100) + `"}`, read},
		{"JSON, brackets in comments are not depth", json, `{"api":"CreateApartment" /*` + strings.Repeat("[", 100) + `*/}`, read},
		{"JSON, bottomless", json, `{"x":` + strings.Repeat("[", 60000), broken},

		{"multipart", parts, part(`name="api"`, "CreateApartment") + "--b--", read},
		{"multipart, the last stands", parts, part(`name="api"`, "x") + part(`name=api`, "CreateApartment") + "--b--\r\n", read},
		{"multipart, a file is ignored", parts, part(`name="api"`, "CreateApartment") + part(`name="api"; filename="f"`, "x") + "--b--", read},
		{"multipart, a file without a name is ignored", parts, part(`name="api"`, "CreateApartment") + part(`name="api"; filename=""`, "x") + "--b--", read},
		{"multipart, a file with an extended name is ignored", parts, part(`name="api"`, "CreateApartment") + part(`name="api"; filename*=UTF-8''f`, "x") + "--b--", read},
		{"multipart, no boundary", "multipart/form-data", part(`name="api"`, "CreateApartment") + "--b--", broken},
		{"multipart, another boundary", "multipart/form-data; boundary=c", part(`name="api"`, "CreateApartment") + "--b--", broken},
		{"multipart, cut", parts, part(`name="api"`, "CreateApartment"), broken},
		{"multipart, empty", parts, "", broken},
		{"multipart, no parts", parts, "--b--\r\n", noAPI},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := post{contentType: c.contentType, body: c.body}.send(t, s)
			if want := message(statuses[c.message], c.message); got.body != want || got.status != statuses[c.message] {
				t.Errorf("HTTP %d %s, want %s", got.status, got.body, want)
			}
		})
	}
	t.Run("too large, of no declared length", func(t *testing.T) {
		r := s.request(t.Context(), t, 7, "api=CreateApartment&x="+strings.Repeat("x", 64<<10))
		r.ContentLength = -1
		if got := send(t, r); got.body != message(413, "Request is too large.") {
			t.Error(got.body)
		}
	})
	t.Run("as large as can be, of no declared length", func(t *testing.T) {
		body := "api=CreateApartment&x="
		body += strings.Repeat("x", 64<<10-len(body))
		r := s.request(t.Context(), t, 7, body)
		r.ContentLength = -1
		if got := send(t, r); got.body != message(200, read) {
			t.Error(got.body)
		}
	})
}

// How whole numbers are written. Each is sent as an apartment number and must be known again as the plain one.
func TestWholeNumbers(t *testing.T) {
	s := serve(t, inMemory(t))
	const (
		notWhole = "aptNum must be a whole number."
		beyond   = "aptNum must be between 1 and 999999."
		none     = "Please enter aptNum."
		taken    = "Apartment already registered." // number 21, which block 8 has
	)
	long := strings.Repeat("9", 5000)
	for _, c := range []struct{ text, message string }{
		{"21", taken}, {"+21", taken}, {"021", taken}, {"21.0", taken}, {"21.000", taken}, {" \t21\u00a0", taken}, {"+0021.00", taken},
		{"٢١", taken}, {"۲۱", taken}, {"٢1", taken}, {"۲١٫٠", taken}, {"\u200e21", taken}, {"\u200f\u061c 21 \u200e", taken}, {"+\u200e٢١", taken},
		{strings.Repeat("0", 5000) + "21", taken}, {"21." + strings.Repeat("0", 5000), taken},
		{"-21", beyond}, {"0", beyond}, {"-0", beyond}, {"1000000", beyond}, {long, beyond}, {"-" + long, beyond}, {"18446744073709551637", beyond},
		{"", none}, {" ", none}, {"\u200e", none}, {"\u061c \u200f", none},
		{"21abc", notWhole}, {"2 1", notWhole}, {"21.5", notWhole}, {"21.", notWhole}, {".0", notWhole}, {"2,1", notWhole}, {"21e0", notWhole}, {"0x15", notWhole},
		{"2_1", notWhole}, {"NaN", notWhole}, {"Inf", notWhole}, {"--21", notWhole}, {"+-21", notWhole}, {"21-", notWhole}, {"+", notWhole}, {"-", notWhole}, {".", notWhole},
		{"21.0.0", notWhole}, {"−21", notWhole}, {"२१", notWhole}, {"21\x00", notWhole}, {"\xff21", notWhole}, {"20.99999999999999999999", notWhole}, {"²", notWhole},
	} {
		for _, as := range []struct{ how, body, contentType string }{
			{"form", "api=CreateApartment&floorNum=1&blockId=8&aptNum=" + percent(c.text), form},
			{"JSON text", `{"api":"CreateApartment","floorNum":"1","blockId":"8","aptNum":` + jsonText(c.text) + `}`, "application/json"},
		} {
			r := s.request(t.Context(), t, 10, as.body)
			r.Header.Set("Content-Type", as.contentType)
			if got := send(t, r); got.body != message(200, c.message) {
				t.Errorf("%.40q as %s: %s, want %s", c.text, as.how, got.body, c.message)
			}
		}
	}
	for _, c := range []struct{ literal, message string }{
		{"21", taken}, {"21.0", taken}, {"2.1e1", taken}, {"2.1E+1", taken}, {"2100e-2", taken}, {"0.00021e5", taken}, {"21e0", taken}, {"21e000", taken}, {"21e-0", taken},
		{"210000" + strings.Repeat("0", 300) + "e-304", taken}, {"0." + strings.Repeat("0", 306) + "21e308", taken},
		{"0", beyond}, {"-0", beyond}, {"0e308", beyond}, {"1e308", beyond}, {"-1e308", beyond}, {long, beyond}, {"1E6", beyond},
		{"1e309", notWhole}, {"1e400", notWhole}, {"0e400", notWhole}, {"21e-309", notWhole}, {"1e99999999999999999999", notWhole}, {"21.5", notWhole}, {"215e-1", notWhole}, {"1e-1", notWhole},
		{"20.99999999999999999999", notWhole}, {"true", notWhole}, {"false", notWhole}, {"[21]", notWhole}, {"{}", notWhole}, {`{"a":21}`, notWhole}, {"null", none},
	} {
		r := s.request(t.Context(), t, 10, `{"api":"CreateApartment","floorNum":1,"blockId":8,"aptNum":`+c.literal+`}`)
		if got := send(t, r).body; got != message(200, c.message) {
			t.Errorf("%.40s: %s, want %s", c.literal, got, c.message)
		}
	}
}

func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "%%%02x", text[i])
	}
	return b.String()
}

// jsonText quotes a text for JSON, bytes that are not UTF-8 included.
func jsonText(text string) string {
	return strings.ReplaceAll(strconv.Quote(text), `\x`, `\u00`)
}

// Ids and coordinates: what is judged, and what is kept.
func TestIDsAndCoordinates(t *testing.T) {
	const (
		denied   = "User does not have permissions in this block."
		needs    = "Please enter blockId."
		positive = "blockId must be above 0."
	)
	s := serve(t, inMemory(t))
	huge := strings.Repeat("9", 400)
	for _, c := range []struct{ query, message string }{
		{"blockId=0", needs}, {"blockId=0.0&apartmentId=-0", needs}, {"blockId=&apartmentId=+", needs},
		{"blockId=-1", positive}, {"blockId=-" + huge, positive}, {"apartmentId=-1", "apartmentId must be above 0."},
		{"blockId=9223372036854775807", denied}, {"blockId=9223372036854775808", denied}, {"blockId=" + huge, denied},
		{"apartmentId=" + huge, denied}, {"blockId=6&apartmentId=18446744073709551619", denied}, {"blockId=18446744073709551622&apartmentId=3", denied},
		{"blockId=6&apartmentId=4", denied}, {"apartmentId=1", denied},
		{"longitude=180.00000000000000000001", "longitude must be between -180 and 180."},
		{"longitude=-180.00000000000000000001", "longitude must be between -180 and 180."},
		{"latitude=90.00000000000000000001", "latitude must be between -90 and 90."},
		{"latitude=-" + huge, "latitude must be between -90 and 90."},
		{"longitude=0x1p4", "longitude must be a number."}, {"longitude=1_0", "longitude must be a number."}, {"latitude=1e1", "latitude must be a number."},
		{"latitude=30,5", "latitude must be a number."}, {"latitude=NaN", "latitude must be a number."}, {"latitude=.", "latitude must be a number."},
	} {
		r := s.request(t.Context(), t, 10, "api=CreateApartment&floorNum=1&aptNum=2&"+c.query)
		if got := send(t, r); got.body != message(200, c.message) {
			t.Errorf("%.60s: %s, want %s", c.query, got.body, c.message)
		}
	}
	for i, c := range []struct {
		longitude, latitude   string
		longitudes, latitudes []float64
	}{
		{"30.123456789012345", "-90", []float64{30.123456789012345}, []float64{-90}},
		{"180", "90.000", []float64{180}, []float64{90}},
		{"-180.000000000000000000", "", []float64{-180}, nil},
		{"", "٣٠٫٠٤٤٤", nil, []float64{30.0444}},
		{"179.99999999999999999999", "0", []float64{180}, []float64{0}},
		{"+0031.5", "-0.25", []float64{31.5}, []float64{-0.25}},
	} {
		body := fmt.Sprintf("api=CreateApartment&floorNum=1&aptNum=%d&blockId=6&longitude=%s&latitude=%s", 100+i, percent(c.longitude), percent(c.latitude))
		if got := send(t, s.request(t.Context(), t, 10, body)); got.body != registered {
			t.Fatalf("%+v: %s", c, got.body)
		}
		logs := s.rows(t).Logs
		row := logs[len(logs)-1]
		if !same(row.Longitude, first(c.longitudes)) || !same(row.Latitude, first(c.latitudes)) {
			t.Errorf("%+v: logged %v, %v", c, row.Longitude, row.Latitude)
		}
	}
	t.Run("JSON coordinates", func(t *testing.T) {
		for _, c := range []struct{ literal, message string }{
			{"1e400", "longitude must be a number."}, {"1e-400", "longitude must be a number."}, {"1e3", "longitude must be between -180 and 180."}, {"true", "longitude must be a number."},
		} {
			r := s.request(t.Context(), t, 10, `{"api":"CreateApartment","floorNum":1,"aptNum":2,"blockId":6,"longitude":`+c.literal+`}`)
			if got := send(t, r); got.body != message(200, c.message) {
				t.Errorf("%s: %s, want %s", c.literal, got.body, c.message)
			}
		}
	})
}

func first(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	return &values[0]
}
