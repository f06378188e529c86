package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// parseForm reads application/x-www-form-urlencoded. Unlike net/url it bounds nothing but the length, which is bounded
// already, and keeps known names only.
func parseForm(body []byte, p *parameters) error {
	for pair := range strings.SplitSeq(string(body), "&") {
		if strings.Contains(pair, ";") {
			return errors.New("a bare semicolon in a form")
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return err
		}
		v, err := url.QueryUnescape(rawValue)
		if err != nil {
			return err
		}
		p.set(name, value{text, v})
	}
	return nil
}

// parseMultipart reads multipart/form-data in memory. Parts that are files are ignored.
func parseMultipart(body []byte, boundary string, p *parameters) error {
	if boundary == "" {
		return errors.New("multipart without a boundary")
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF { // exactly: a body without its last boundary wraps it
			return nil
		}
		if err != nil {
			return err
		}
		_, attributes, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if _, isFile := attributes["filename"]; isFile {
			if _, err := io.Copy(io.Discard, part); err != nil {
				return err
			}
			continue
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		p.set(part.FormName(), value{text, string(content)})
	}
}
