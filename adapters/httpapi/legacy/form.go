package legacy

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// parseForm reads application/x-www-form-urlencoded, one pair at a time: net/url refuses a body of more than 10,000 pairs, and
// would keep names that nobody asks for.
func parseForm(body []byte, p *parameters) error {
	for pair := range strings.SplitSeq(string(body), "&") {
		values, err := url.ParseQuery(pair)
		if err != nil {
			return err
		}
		for name, v := range values {
			p.set(name, value{text, v[0]})
		}
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
