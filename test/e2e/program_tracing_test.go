package e2e_test

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"omarty.net/registry/test/collector"
)

// Values that stand out wherever they are found.
const (
	tracedRegister = `
blocks: [{id: 470001, name: Palm Tower, status: active}]
apartments: [{id: 470002, block: 470001, floor: 1, number: 470003}]
memberships: [{user: 470004, block: 470001, apartment: 470002, role: manager, status: active}]
`
	tracedForm = "api=CreateApartment&floorNum=7&blockId=470001&apartmentId=470002&longitude=31.470006&latitude=29.470007&aptNum="
)

// personal matches what no span may hold: what was asked, who asked, with what and from where.
var personal = regexp.MustCompile(`47000\d|4711|Palm|eyJ[\w-]{3}|Bearer|127\.0\.0\.1|omarty\.db|palm-phone|my-key|my-id|vendor|VALUES|` +
	regexp.QuoteMeta(secret))

// traceable is a server of tracedRegister.
func traceable(t *testing.T, variables ...string) *process {
	t.Helper()
	p := newPlace(t, variables...)
	p.write(t, "register.yaml", []byte(tracedRegister))
	return p.serve(t, "--import", "register.yaml")
}

// registerTraced asks for an apartment, with all that a client may send along.
func registerTraced(t *testing.T, url, key string, number int) string {
	t.Helper()
	form := strings.NewReader(tracedForm + strconv.Itoa(number))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/omartyapis/Create/", form)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + token(t, 470004), "Content-Type": "application/x-www-form-urlencoded",
		"User-Agent": "palm-phone", "X-Request-Id": "my-id", "Idempotency-Key": "my-key-" + key,
		"Traceparent": "00-4bf92f3577b34da60000000000000001-00f067aa0ba902b7-01", "Tracestate": "vendor=x",
	} {
		r.Header.Set(name, value)
	}
	return send(t, r).body
}

func TestProgramTraces(t *testing.T) {
	c := collector.Start(t)
	server := traceable(t, "OMARTY_TRACING_ENDPOINT="+c.URL)
	url := server.url(t)
	if got := registerTraced(t, url, "1", 470005); got != registered {
		t.Fatal(got)
	}
	if got := registerTraced(t, url, "2", 470005); got != alreadyRegistered {
		t.Fatal(got)
	}
	get(t, url+"/healthz")
	get(t, url+"/readyz")
	get(t, url+"/secret-path/4711?user=4711")
	server.stop(t)

	if found := personal.Find(c.Sent()); found != nil {
		t.Errorf("the spans hold %q", found)
	}
	if got := c.Resource(); got["service.name"] != "omarty" || got["service.version"] != "devel" || len(got) != 2 {
		t.Errorf("sent by %v", got)
	}
	var got []string
	for _, span := range c.Spans() {
		if len(span.ParentSpanId) == 0 {
			got = append(got, tree(c.Spans(), span, "")...)
		}
	}
	slices.Sort(got)
	path := "POST /omartyapis/Create/ http.request.method=POST http.response.status_code=int_value:200 http.route=/omartyapis/Create/ omarty.code="
	reading := "members_of omarty.code=ok"
	want := []string{
		"GET http.request.method=GET http.response.status_code=int_value:404 omarty.code=not_found",
		path + "number_taken",
		path + "number_taken > create_apartment omarty.code=number_taken",
		path + "number_taken > create_apartment omarty.code=number_taken > apply omarty.code=number_taken",
		path + "number_taken > create_apartment omarty.code=number_taken > apply omarty.code=number_taken > INSERT apartments",
		path + "number_taken > create_apartment omarty.code=number_taken > apply omarty.code=number_taken > SELECT apartments",
		path + "number_taken > create_apartment omarty.code=number_taken > apply omarty.code=number_taken > SELECT blocks",
		path + "number_taken > create_apartment omarty.code=number_taken > apply omarty.code=number_taken > SELECT changes",
		path + "number_taken > create_apartment omarty.code=number_taken > apply omarty.code=number_taken > UPDATE blocks",
		path + "number_taken > create_apartment omarty.code=number_taken > " + reading,
		path + "number_taken > create_apartment omarty.code=number_taken > " + reading + " > SELECT memberships",
		path + "ok",
		path + "ok > create_apartment omarty.code=ok",
		path + "ok > create_apartment omarty.code=ok > apply omarty.code=ok",
		path + "ok > create_apartment omarty.code=ok > apply omarty.code=ok > INSERT apartments",
		path + "ok > create_apartment omarty.code=ok > apply omarty.code=ok > INSERT changes",
		path + "ok > create_apartment omarty.code=ok > apply omarty.code=ok > UPDATE blocks",
		path + "ok > create_apartment omarty.code=ok > " + reading,
		path + "ok > create_apartment omarty.code=ok > " + reading + " > SELECT memberships",
	}
	if !slices.Equal(got, want) || len(c.Spans()) != len(want) {
		t.Errorf("%d spans, got\n%s\nwant\n%s", len(c.Spans()), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// tree returns a line for a span and for each that is below it in the same trace: the way to it.
func tree(spans []*tracepb.Span, span *tracepb.Span, way string) []string {
	way += span.Name
	attributes := collector.Attributes(span.Attributes)
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		if key != "db.query.summary" || attributes[key] != span.Name { // it is the name again
			way += " " + key + "=" + attributes[key]
		}
	}
	lines := []string{way}
	for _, other := range spans {
		if bytes.Equal(other.ParentSpanId, span.SpanId) && bytes.Equal(other.TraceId, span.TraceId) {
			lines = append(lines, tree(spans, other, way+" > ")...)
		}
	}
	return lines
}

// Nobody but the operator has a request traced, and not by another program's variables.
func TestProgramDoesNotTrace(t *testing.T) {
	c := collector.Start(t)
	for _, variables := range [][]string{
		{"OMARTY_TRACING_ENDPOINT="},
		{"OMARTY_TRACING_ENDPOINT=" + c.URL, "OMARTY_TRACING_SAMPLE_RATIO=0"},
	} {
		server := traceable(t, append(variables, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_TRACES_SAMPLER=always_on")...)
		if got := registerTraced(t, server.url(t), "1", 470005); got != registered {
			t.Error(got)
		}
		server.stop(t)
		if strings.Contains(server.stderr.String(), "traces") {
			t.Errorf("%s: the log speaks of traces", variables)
		}
	}
	if sent := c.Sent(); len(sent) > 0 {
		t.Errorf("sent %q", sent)
	}
}

// A collector that is not there costs the requests nothing, and the end of the program little.
func TestProgramTracesToNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := traceable(t, "OMARTY_TRACING_ENDPOINT="+nobody)
	url := server.url(t)
	for number := 1; number <= 20; number++ {
		if got := registerTraced(t, url, strconv.Itoa(number), number); got != registered {
			t.Error(got)
		}
	}
	server.stop(t)
	if n := strings.Count(server.stderr.String(), "traces could not be sent"); n != 1 {
		t.Errorf("the log says %d times that traces could not be sent", n)
	}
}
