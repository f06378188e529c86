package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"

	"omarty.net/registry/domain"
)

// smallBody is the length of a body that does not count against the memory of bodies: many times what the app sends.
const smallBody = 4 << 10

// bodies reads request bodies in bounded memory.
type bodies struct {
	memory   int64
	room     *semaphore.Weighted
	patience time.Duration
	// long are the bodies above MaxBodyLimit. Each user may have one at once: a few of them take all of the memory.
	long *turns
}

func newBodies(o Options) *bodies {
	return &bodies{o.BodyMemory, semaphore.NewWeighted(o.BodyMemory), o.RequestTimeout, newTurns(1)}
}

// ReadBody reads a whole body, or returns TooLarge for one above the limit. The caller calls release when it is done with the body, after
// an error too. A body of which little arrives takes little memory, whatever its declared length. A larger one reserves its
// whole memory at once, so that no two bodies wait for each other.
func (s *Server) ReadBody(c echo.Context, limit int64) (body []byte, release func(), err error) {
	r := c.Request()
	release = func() {}
	most := limit
	if r.ContentLength > limit {
		return nil, release, TooLarge
	}
	if r.ContentLength >= 0 {
		most = r.ContentLength
	}
	var buffer bytes.Buffer
	buffer.Grow(int(min(most, smallBody)) + bytes.MinRead)
	n, err := buffer.ReadFrom(io.LimitReader(r.Body, min(most, smallBody)+1))
	if err == nil && n > smallBody {
		if release, err = s.bodies.reserve(r.Context(), InfoOf(c).User, most); err != nil {
			return nil, release, err
		}
		buffer.Grow(int(most-n) + bytes.MinRead)
		var rest int64
		rest, err = buffer.ReadFrom(io.LimitReader(r.Body, limit+1-n))
		n += rest
	}
	switch {
	case n > limit:
		return nil, release, TooLarge
	case err != nil && isLost(r.Context()):
		return nil, release, fmt.Errorf("%w: %w", ClientGone, err)
	case err != nil:
		return nil, release, Unreadable(err)
	default:
		return buffer.Bytes(), release, nil
	}
}

// reserve waits until the memory of bodies has room for one of a user, and takes it.
func (b *bodies) reserve(ctx context.Context, user domain.UserID, size int64) (release func(), err error) {
	end := func() {}
	if size > MaxBodyLimit {
		giveBack, ok := b.long.take(user)
		if !ok {
			return end, Because(TooMany, "the user sends another long body")
		}
		end = giveBack
	}
	size = min(size, b.memory)
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	if err := b.room.Acquire(ctx, size); err != nil {
		end()
		return func() {}, fmt.Errorf("%w: no room for a body of %d bytes within %s (http.body_memory)", Overloaded, size, b.patience)
	}
	return func() {
		b.room.Release(size)
		end()
	}, nil
}
