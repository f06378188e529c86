package legacy

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tailscale/hujson"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/memstore"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// digitTokens takes a user's digits for a token.
type digitTokens struct{}

func (digitTokens) User(token string) (domain.UserID, error) {
	n, err := strconv.ParseInt(token, 10, 64)
	switch {
	case err != nil:
		return 0, domain.TokenInvalid
	case n < 0:
		return 0, domain.TokenExpired
	default:
		return domain.UserID(n), nil
	}
}

// fuzzed serves a store in memory where user 7 manages block 4.
func fuzzed(f *testing.F) http.Handler {
	store := memstore.New()
	block, err := domain.NewBlock(4, "Block 4", domain.BlockActive)
	if err != nil {
		f.Fatal(err)
	}
	manager, err := domain.NewMembership(7, 4, 0, domain.RoleManager, domain.MembershipActive)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := application.NewImportRegister(store, time.Now, application.UUIDv7(time.Now)).Import(f.Context(), application.Register{
		Blocks:      []domain.Block{block},
		Memberships: []domain.Membership{manager},
	}, nil); err != nil {
		f.Fatal(err)
	}
	create := application.NewCreateApartment(store, store, time.Now, application.UUIDv7(time.Now))
	return httpapi.New(digitTokens{}, httpapi.Options{BodyLimit: 4 << 10, RequestTimeout: time.Minute}, New(create.Create))
}

// contractMessages matches every message that the wire contract's table of answers names, by status.
func contractMessages(f *testing.F) *regexp.Regexp {
	text, err := os.ReadFile("../../../docs/wire-contract.md")
	if err != nil {
		f.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| # | check | HTTP | message |")
	if !found {
		f.Fatal("the contract has no table of answers")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var messages []string
	for _, quoted := range regexp.MustCompile("`([A-Z<][^`]*\\.)`").FindAllStringSubmatch(table, -1) {
		message := regexp.QuoteMeta(quoted[1])
		message = strings.ReplaceAll(message, "<name>", "(floorNum|aptNum|blockId|apartmentId|longitude|latitude)")
		messages = append(messages, strings.NewReplacer("<low>", "-?[0-9]+", "<high>", "[0-9]+").Replace(message))
	}
	if len(messages) < 20 {
		f.Fatalf("the contract's table has only %d messages", len(messages))
	}
	return regexp.MustCompile("^(" + strings.Join(messages, "|") + ")$")
}

// Whatever is asked is answered by the envelope, with a message of the contract, and never as an internal error.
func FuzzRequest(f *testing.F) {
	const form, typeJSON, parts = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"
	good := "api=CreateApartment&floorNum=1&aptNum=2&blockId=4"
	for _, seed := range [][6]string{ // method, authorization, type, coding, key, body
		{"POST", "Bearer 7", form, "", "", good},
		{"POST", "bearer  7", "", "", "key", good + "&longitude=31.25&latitude=٣٠٫٠٥"},
		{"POST", "Bearer 7", form, "identity", "key", "{\"api\":\"CreateApartment\",\"floorNum\":1e0,\"aptNum\":\"٢\",}"},
		{"POST", "Bearer 7", typeJSON, "", "\x00", `{"api":"CreateApartment","floorNum":-21,"aptNum":[2]} // end`},
		{"POST", "Bearer 7", parts, "", "", "--b\r\nContent-Disposition: form-data; name=\"api\"\r\n\r\nCreateApartment\r\n--b--"},
		{"POST", "Bearer 7", "multipart/form-data; boundary=\"", "gzip", "", "--b--"},
		{"POST", "Bearer -7", "text/xml", "", "", ""},
		{"POST", "Bearer x.y.z", form, "", "", good},
		{"POST", "Basic 7", form, "", "", good},
		{"GET", "", "", "", "", ""},
		{"POST", "Bearer 7", form, "", "", "aptNum=1"},
		{"POST", "Bearer 7", form, "", "", "api=x"},
		{"POST", "Bearer 7", form, "", "", "api=createapartment&floorNum=1"},
		{"POST", "Bearer 7", form, "", "", good + "&latitude=91"},
		{"POST", "Bearer 7", form, "", "", good + "&latitude=x"},
		{"POST", "Bearer 7", typeJSON, "", "", "[]"},
		{"PUT", "Bearer 7", form, "", strings.Repeat("k", 256), strings.Repeat("x", 5000)},
		{"POST", "Bearer 8", form, "", "", good + "&blockId=" + strings.Repeat("9", 30) + "&apartmentId=-1"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5], "id", true)
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5], "a b\n", false)
	}
	handler, messages := fuzzed(f), contractMessages(f)
	f.Fuzz(func(t *testing.T, method, authorization, contentType, coding, key, body, id string, declared bool) {
		r := httptest.NewRequest(http.MethodPost, "/omartyapis/Create/", strings.NewReader(body))
		r.Method = method
		if !declared {
			r.ContentLength = -1
		}
		for name, value := range map[string]string{
			"Authorization": authorization, "Content-Type": contentType, "Content-Encoding": coding,
			"Idempotency-Key": key, "X-Request-Id": id,
		} {
			if value != "" {
				r.Header[http.CanonicalHeaderKey(name)] = []string{value}
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var envelope struct {
			Status        int
			Data, Message *string
		}
		strict := json.NewDecoder(w.Body)
		strict.DisallowUnknownFields()
		if err := strict.Decode(&envelope); err != nil || envelope.Status != w.Code || strict.More() {
			t.Fatalf("HTTP %d, status %d in its body, %v", w.Code, envelope.Status, err)
		}
		switch {
		case envelope.Data != nil && envelope.Message == nil && *envelope.Data == "Apartment registered." && w.Code == http.StatusOK:
		case envelope.Data == nil && envelope.Message != nil && messages.MatchString(*envelope.Message) && w.Code < 500:
		default:
			t.Fatalf("HTTP %d, data %v, message %v", w.Code, envelope.Data, envelope.Message)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`).MatchString(w.Header().Get("X-Request-Id")) {
			t.Fatalf("request id %q", w.Header().Get("X-Request-Id"))
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Type": "application/json",
		} {
			if w.Header().Get(name) != want {
				t.Fatalf("%s: %q", name, w.Header().Get(name))
			}
		}
	})
}

// A form is read as net/url reads it.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"api=CreateApartment&floorNum=1&aptNum=2", "%61pi=Create%41partment&x=+", "api=x&api=&=&&", "api;x=1", "api=%3B", "api=%zz",
		"%=1", "api=%4", "api", "api==a=b", "longitude=%D9%A3%D9%A0%D9%AB%D9%A5&latitude=\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Count(body, "&") > 1000 {
			return // net/url has a limit, and we have none
		}
		var p parameters
		err := parseForm([]byte(body), &p)
		want, wantErr := url.ParseQuery(body)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got %v, net/url %v", err, wantErr)
		}
		if err == nil {
			wantTexts(t, &p, want)
		}
	})
}

// wantTexts wants the last text of each parameter that there is, and no others.
func wantTexts(t *testing.T, p *parameters, want map[string][]string) {
	t.Helper()
	for i, name := range parameterNames {
		values := want[name]
		if len(values) == 0 {
			if p[i] != (value{}) {
				t.Fatalf("%s is %q, want none", name, p[i].text)
			}
			continue
		}
		if last := values[len(values)-1]; p[i] != (value{text, last}) {
			t.Fatalf("%s is %q, want %q", name, p[i].text, last)
		}
	}
}

// deepest is how deep JSON may be nested (wire contract, check 6).
const deepest = 32

// What is read is JSON but for commas and comments, as hujson, another reader, has it, and means what encoding/json says.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"api":"CreateApartment","floorNum":1,"aptNum":"2","blockId":null,"longitude":-31.5e1,"latitude":[1]}`,
		"// a\n/* { */ {\"api\": /**/ \"CreateApartment\", // }\n \"x\": [1, 2,],}\n// end", `{"api":"x","api":"\ud800"}`, `{"\u0061pi":true}`,
		`{}{}`, `[{}]`, `"api"`, `{api:1}`, `{"x":NaN}`, `{"x":+2}`, `{"x":02}`, `{"a":1,,}`, `{"a":1`, `{} /* `, `{"a":"` + "\xff\x00" + `"}`, "\ufeff{}",
		`{"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, `{"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`,
		`{"x":"` + strings.Repeat(`[\"`, 100) + `"}`, `{"x":1/}`, "{/*/}", "{//", `{"\`, "\u00a0{}",
		`{,}`, `{"a":[,]}`, `{"a":[1,,]}`, `{"a":,}`, `{"a":[1,]],}`, `{"a":1,}`, "{} // \u2028", "{} /* \u2028 */", "{} // \xff", `{"a":1 // , }` + "\n}", `{"a":1,/*,*/}`,
		`{"a":1,} ,`, `{},`, `{"a":tr/**/ue}`, `{"a":1/**/2}`, `{"a" /**/ : // x` + "\n" + `1}`, `{"a":{"b":[{"c":1,},],},}`, `{"api":{"a":"]}"},"aptNum":"\"},"}`, `{"a":"\`,
		`{"api":"a","api":7,"api":[1]}`, `{"aptNum":1.50e+07,"floorNum":-0}`, `{"\ud83dapi":1,"api\u0000":1}`, "{\"a\":\"\n\"}", `{"a" 1}`, `{"a":1 "b":2}`, `{1:2}`, `{"a":[1 2]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var p parameters
		err := parseJSON(bytes.Clone(body), &p)
		plain, wrong := hujson.Standardize(append(bytes.Clone(body), '\n')) // it takes no line comment that nothing ends
		var strict map[string]json.RawMessage
		good := wrong == nil && json.Unmarshal(plain, &strict) == nil && strict != nil && depthOf(plain) <= deepest
		if good != (err == nil) {
			t.Fatalf("%v, and by hujson %v, %d deep", err, wrong, depthOf(plain))
		}
		if err != nil {
			return
		}
		for i, name := range parameterNames {
			if want := ofJSON(t, strict[name]); p[i] != want {
				t.Fatalf("%s is %+v, want %+v", name, p[i], want)
			}
		}
	})
}

// depthOf returns how deep JSON is nested, as encoding/json sees it.
func depthOf(text []byte) int {
	depth, most := 0, 0
	for tokens := json.NewDecoder(bytes.NewReader(text)); ; {
		token, err := tokens.Token()
		if err != nil {
			return most
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		most = max(most, depth)
	}
}

func ofJSON(t *testing.T, raw json.RawMessage) value {
	t.Helper()
	numbers := json.NewDecoder(bytes.NewReader(raw))
	numbers.UseNumber()
	var decoded any
	if len(raw) > 0 {
		if err := numbers.Decode(&decoded); err != nil {
			t.Fatal(err)
		}
	}
	switch v := decoded.(type) {
	case nil:
		return value{}
	case string:
		return value{text, v}
	case json.Number:
		return value{jsonNumber, v.String()}
	default:
		return value{kind: other}
	}
}

// What mime/multipart reads as a form without files is read the same, and never more than it reads.
func FuzzMultipart(f *testing.F) {
	part := func(header, value string) string {
		return "--b\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + value + "\r\n"
	}
	for _, seed := range []string{
		part(`name="api"`, "CreateApartment") + "--b--", part(`name="api"`, "x") + part(`name=api`, "y") + "--b--\r\n",
		part(`name="api"`, "x") + part(`name="api"; filename="f"`, "y") + "--b--", part(`name="api"; filename*=UTF-8''f`, "x") + "--b--",
		part(`name="api"`, "cut"), "", "--b--\r\n", part("name=\"api\"\r\nContent-Transfer-Encoding: quoted-printable", "=41=") + "--b--",
		part(`name="api";;`, "x") + "--b--", strings.Repeat(part("name=x", ""), 20) + "--b--", "--b\r\n\r\n\r\n--b--",
	} {
		f.Add([]byte(seed), "b")
	}
	f.Add([]byte("--\r\n\r\n"), "")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		var p parameters
		err := parseMultipart(body, boundary, &p)
		want, wantErr := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(32 << 20)
		if wantErr == nil && err != nil && boundary != "" {
			t.Fatalf("mime/multipart reads it, and we do not: %v", err)
		}
		if err != nil || wantErr != nil || bytes.Contains(bytes.ToLower(body), []byte("filename")) {
			return
		}
		delete(want.Value, "")
		wantTexts(t, &p, want.Value)
	})
}
