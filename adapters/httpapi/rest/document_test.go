package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"go.yaml.in/yaml/v3"

	"omarty.net/registry/adapters/httpapi/rest"
)

func ask(handler http.HandlerFunc, method string, tags ...string) *http.Response {
	r := httptest.NewRequest(method, "/v1/openapi.yaml", nil)
	r.Header["If-None-Match"] = tags
	w := httptest.NewRecorder()
	handler(w, r)
	return w.Result()
}

func TestDocumentIsTheSameInBothForms(t *testing.T) {
	d := rest.NewDocument()
	var asYAML, asJSON any
	answer := ask(d.YAML, "GET")
	if err := yaml.NewDecoder(answer.Body).Decode(&asYAML); err != nil || answer.Header.Get("Content-Type") != "application/yaml" {
		t.Fatalf("%v, %v", answer.Header, err)
	}
	answer = ask(d.JSON, "GET")
	if err := json.NewDecoder(answer.Body).Decode(&asJSON); err != nil || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v, %v", answer.Header, err)
	}
	if asYAML.(map[string]any)["openapi"] != "3.1.0" {
		t.Errorf("this is not the document: %v", asYAML)
	}
	text, err := json.Marshal(asYAML) // brings the numbers of both into one form
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &asYAML); err != nil || !reflect.DeepEqual(asYAML, asJSON) {
		t.Errorf("the two forms differ (%v)", err)
	}
}

func TestDocumentIsNotSentTwice(t *testing.T) {
	d := rest.NewDocument()
	tag := ask(d.YAML, "GET").Header.Get("ETag")
	if other := ask(d.JSON, "GET").Header.Get("ETag"); other == tag {
		t.Errorf("both forms have the tag %s", tag)
	}
	for _, tt := range []struct {
		tags []string
		want int
	}{
		{nil, 200}, {[]string{`"other"`}, 200}, {[]string{`"a,b" , W/` + tag}, 304}, {[]string{`"a"`, tag}, 304}, {[]string{"*"}, 304},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			answer := ask(d.YAML, method, tt.tags...)
			if answer.StatusCode != tt.want || answer.Header.Get("ETag") != tag {
				t.Errorf("%s with %q answers %d %v, want %d", method, tt.tags, answer.StatusCode, answer.Header, tt.want)
			}
		}
	}
	if answer := ask(d.YAML, "HEAD"); answer.ContentLength <= 0 {
		t.Errorf("HEAD answers %v", answer.Header)
	}
}
