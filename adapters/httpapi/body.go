package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
)

// smallBody is the length of a body that does not count against the memory of bodies: many times what the app sends.
const smallBody = 4 << 10

// bodies reads request bodies in bounded memory.
type bodies struct {
	limit, memory int64
	room          *semaphore.Weighted
	patience      time.Duration
}

func newBodies(o Options) *bodies {
	return &bodies{o.BodyLimit, o.BodyMemory, semaphore.NewWeighted(o.BodyMemory), o.RequestTimeout}
}

// parameters makes checks 5 and 6 of the wire contract: it reads the body, in any of the three formats. The caller calls
// release when it is done with the parameters, after an error too.
func (b *bodies) parameters(r *http.Request) (p *parameters, release func(), err error) {
	release = func() {}
	for _, coding := range r.Header.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return nil, release, encodingUnsupported
		}
	}
	parse, err := formatOf(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, release, err
	}
	body, release, err := b.read(r)
	if err != nil {
		return nil, release, err
	}
	// The document's own example is JSON under the type of a form.
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		parse = parseJSON
	}
	p = new(parameters)
	if err := parse(body, p); err != nil {
		return nil, release, unreadable(err)
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
		return nil, typeUnsupported
	}
}

// read reads a whole body of at most the limit. A body of which little arrives takes little memory, whatever its declared
// length. A larger one reserves its whole memory at once, so that no two bodies wait for each other.
func (b *bodies) read(r *http.Request) (body []byte, release func(), err error) {
	release = func() {}
	most := b.limit // check 2 has refused a greater declared length
	if r.ContentLength >= 0 {
		most = r.ContentLength
	}
	var buffer bytes.Buffer
	buffer.Grow(int(min(most, smallBody)) + bytes.MinRead)
	n, err := buffer.ReadFrom(io.LimitReader(r.Body, min(most, smallBody)+1))
	if err == nil && n > smallBody {
		if release, err = b.reserve(r.Context(), most); err != nil {
			return nil, release, err
		}
		buffer.Grow(int(most-n) + bytes.MinRead)
		var rest int64
		rest, err = buffer.ReadFrom(io.LimitReader(r.Body, b.limit+1-n))
		n += rest
	}
	switch {
	case n > b.limit:
		return nil, release, tooLarge
	case err != nil && isLost(r.Context()):
		return nil, release, fmt.Errorf("%w: %w", clientGone, err)
	case err != nil:
		return nil, release, unreadable(err)
	default:
		return buffer.Bytes(), release, nil
	}
}

// reserve waits until the memory of bodies has room for one, and takes it.
func (b *bodies) reserve(ctx context.Context, size int64) (release func(), err error) {
	size = min(size, b.memory)
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	if err := b.room.Acquire(ctx, size); err != nil {
		return func() {}, fmt.Errorf("%w: no room for a body of %d bytes within %s (http.body_memory)", overloaded, size, b.patience)
	}
	return func() { b.room.Release(size) }, nil
}
