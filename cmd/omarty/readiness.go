package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"omarty.net/registry/adapters/httpapi"
)

// readiness says whether the server should be sent requests.
type readiness struct {
	draining atomic.Bool
	store    func(context.Context) error
}

// readinessAge is how old an answer of the store may be.
const readinessAge = time.Second

func newReadiness(s store) *readiness {
	return &readiness{store: httpapi.Remembered(s.Ping, readinessAge)}
}

var errDraining = errors.New("the server is about to stop")

func (r *readiness) check(ctx context.Context) error {
	if r.draining.Load() {
		return errDraining
	}
	return r.store(ctx)
}
