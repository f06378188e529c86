package legacy

import (
	"bytes"
	"mime"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
)

// parameters makes checks 5 and 6 of the wire contract: it reads the body, in any of the three formats. The caller calls
// release when it is done with the parameters, after an error too.
func (s *Surface) parameters(c echo.Context) (p *parameters, release func(), err error) {
	release = func() {}
	h := c.Request().Header
	if err := httpapi.CheckEncoding(h); err != nil {
		return nil, release, err
	}
	parse, err := formatOf(h.Get("Content-Type"))
	if err != nil {
		return nil, release, err
	}
	body, release, err := s.server.ReadBody(c, s.server.BodyLimit())
	if err != nil {
		return nil, release, err
	}
	// The document's own example is JSON under the type of a form.
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		parse = parseJSON
	}
	p = new(parameters)
	if err := parse(body, p); err != nil {
		return nil, release, httpapi.Unreadable(err)
	}
	return p, release, nil
}

// formatOf returns the parser of a media type. A body without one is a form.
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
		return nil, httpapi.TypeUnsupported
	}
}
