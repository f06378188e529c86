package httpapi

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"
)

// readParameters makes checks 5 and 6 of the wire contract: it reads the body, in whatever of the three formats it is in.
func readParameters(r *http.Request, limit int64) (*parameters, error) {
	for _, coding := range r.Header.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return nil, encodingUnsupported
		}
	}
	parse, err := formatOf(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	body, err := readBody(r, limit)
	if err != nil {
		return nil, err
	}
	// The document's own example is JSON under the type of a form.
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		parse = parseJSON
	}
	var p parameters
	if err := parse(body, &p); err != nil {
		return nil, unreadable(err)
	}
	return &p, nil
}

// formatOf returns how to parse a body of a media type. A missing one is a form's.
func formatOf(contentType string) (func([]byte, *parameters) error, error) {
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "", "application/x-www-form-urlencoded":
		return parseForm, nil
	case "application/json":
		return parseJSON, nil
	case "multipart/form-data":
		return func(body []byte, p *parameters) error {
			_, attributes, err := mime.ParseMediaType(contentType)
			if err != nil {
				return err
			}
			return parseMultipart(body, attributes["boundary"], p)
		}, nil
	default:
		return nil, typeUnsupported
	}
}

// readBody reads a whole body of at most limit bytes.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(r.ContentLength) + bytes.MinRead) // no more than the limit, which check 2 held it to
	}
	n, err := body.ReadFrom(io.LimitReader(r.Body, limit+1))
	switch {
	case n > limit:
		return nil, tooLarge
	case err != nil:
		return nil, unreadable(err)
	default:
		return body.Bytes(), nil
	}
}
