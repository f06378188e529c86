package rest

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// openapi is the API's document, the source of what clients and tests know of it.
//
//go:embed openapi.yaml
var openapi []byte

// Document serves the OpenAPI document of the API. Use NewDocument.
type Document struct{ yaml, json representation }

// representation is the document in one media type.
type representation struct {
	mediaType, tag string
	body           []byte
}

// NewDocument reads the embedded document, and converts it into JSON once.
func NewDocument() *Document {
	converted, err := toJSON(openapi)
	if err != nil {
		panic("openapi.yaml: " + err.Error()) // it is part of the program
	}
	return &Document{newRepresentation("application/yaml", openapi), newRepresentation("application/json", converted)}
}

func toJSON(text []byte) ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(document)
	return out.Bytes(), err
}

func newRepresentation(mediaType string, body []byte) representation {
	sum := sha256.Sum256(body)
	return representation{mediaType, `"` + hex.EncodeToString(sum[:8]) + `"`, body}
}

// YAML answers GET and HEAD with the document as YAML.
func (d *Document) YAML(w http.ResponseWriter, r *http.Request) { d.yaml.serve(w, r) }

// JSON answers GET and HEAD with the document as JSON.
func (d *Document) JSON(w http.ResponseWriter, r *http.Request) { d.json.serve(w, r) }

func (p representation) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache") // anyone may keep it, and asks whether it is still so
	h.Set("ETag", p.tag)
	if p.known(r.Header.Values("If-None-Match")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", p.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(p.body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.body) // a client that is gone reads nothing
	}
}

// known reports whether If-None-Match has the tag, weak or strong, or the wildcard (RFC 9110, section 13.1.2).
func (p representation) known(fields []string) bool {
	for _, field := range fields {
		for tag := range strings.SplitSeq(field, ",") { // the tag has no comma, so a tag that has one cannot match
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == p.tag {
				return true
			}
		}
	}
	return false
}
