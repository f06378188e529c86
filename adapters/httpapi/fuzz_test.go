package httpapi

import (
	"bytes"
	"encoding/json"
	"math/big"
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
	return New(create.Create, digitTokens{}, Options{BodyLimit: 4 << 10, RequestTimeout: time.Minute})
}

// contractMessages matches every message that the wire contract's table of answers names, by status.
func contractMessages(f *testing.F) *regexp.Regexp {
	text, err := os.ReadFile("../../docs/wire-contract.md")
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

// asASCII is what the contract reads another script's numbers as.
var asASCII = strings.NewReplacer(
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9",
	"٫", ".", "\u200e", "", "\u200f", "", "\u061c", "")

var (
	textNumber    = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)
	jsonLiteral   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	smallExponent = regexp.MustCompile(`^([^eE]*|.*[eE][+-]?0*([0-9]{1,2}|[12][0-9]{2}|30[0-8]))$`)
)

// A number is judged as exact arithmetic judges it.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"21", "+21", "-21", "021", "21.0", " \t21\u00a0", "٢١", "۲١٫٠", "\u200f\u061c 21 \u200e", "+\u200e٢١", "-0", "1000000", "21abc", "2 1", "21.", ".0",
		"2,1", "0x15", "2_1", "NaN", "--21", "21.0.0", "\xff21", "20.99999999999999999999", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "180.00000000000000000001", "-90.0000000000000000000001", "179.99999999999999999999", "2.1e1",
		"2100e-2", "0.00021e5", "0e308", "1e309", "-1e308", "21e-309", "215e-1", "1E6", "0e400", "300", "-20", "-21", "999999", strings.Repeat("9", 400),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		if len(written) > 2000 {
			return
		}
		ascii := strings.TrimSpace(asASCII.Replace(written))
		got, ok := parseText(written)
		if want := textNumber.MatchString(ascii); ok != want {
			t.Fatalf("%q as a text: accepted is %v", written, ok)
		}
		if ok {
			wantExactly(t, &got, ascii)
		}
		if !jsonLiteral.MatchString(written) {
			return
		}
		got, ok = parseJSONNumber(written)
		if want := smallExponent.MatchString(written); ok != want {
			t.Fatalf("%q as JSON: accepted is %v", written, ok)
		}
		if ok {
			wantExactly(t, &got, written)
		}
	})
}

// wantExactly wants what big.Rat makes of a number.
func wantExactly(t *testing.T, got *decimal, ascii string) {
	t.Helper()
	want, ok := new(big.Rat).SetString(ascii)
	if !ok {
		t.Fatalf("%q is no number to math/big", ascii)
	}
	if got.isZero() != (want.Sign() == 0) || got.isWhole() != want.IsInt() {
		t.Fatalf("%q: zero is %v, whole is %v", ascii, got.isZero(), got.isWhole())
	}
	within := func(low, high int64) bool {
		return want.Cmp(new(big.Rat).SetInt64(low)) >= 0 && want.Cmp(new(big.Rat).SetInt64(high)) <= 0
	}
	if want.IsInt() {
		whole := want.Num()
		if n := got.saturated(); whole.IsInt64() && n != whole.Int64() || !whole.IsInt64() && (n == -1<<63) != (whole.Sign() < 0) {
			t.Fatalf("%q: %d", ascii, n)
		}
		if beyond := whole.Sign() > 0 && !whole.IsInt64(); got.beyondInt64() != beyond {
			t.Fatalf("%q: beyond 64 bits is %v", ascii, !beyond)
		}
		if _, err := domain.NewFloor(got.saturated()); (err == nil) != within(-20, 300) {
			t.Fatalf("%q as a floor: %v", ascii, err)
		}
		if _, err := domain.NewNumber(got.saturated()); (err == nil) != within(1, 999_999) {
			t.Fatalf("%q as an apartment's number: %v", ascii, err)
		}
	}
	if _, err := domain.NewLocation(got.degrees(domain.MaxLongitude), nil); (err == nil) != within(-180, 180) {
		t.Fatalf("%q as a longitude: %v", ascii, err)
	}
	if _, err := domain.NewLocation(nil, got.degrees(domain.MaxLatitude)); (err == nil) != within(-90, 90) {
		t.Fatalf("%q as a latitude: %v", ascii, err)
	}
	if nearest, _ := want.Float64(); within(-89, 89) && *got.degrees(domain.MaxLatitude) != nearest {
		t.Fatalf("%q as degrees: %v, want %v", ascii, *got.degrees(domain.MaxLatitude), nearest)
	}
}
