package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/configs"
)

// keyCheckInterval is how often the files of keys are looked at.
const keyCheckInterval = 2 * time.Second

// hangups is told of each SIGHUP, which does not end the program until stop is called.
func hangups() (hangup chan os.Signal, stop func()) {
	hangup = make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup, func() { signal.Stop(hangup) }
}

// keepKeysCurrent reads the keys again on SIGHUP and from time to time, and hands the verifier those that differ from the
// current ones, until ctx is done. Keys that cannot be used change nothing: the ones before stay in force, and the log says why.
func keepKeysCurrent(ctx context.Context, verifier *jwtauth.Verifier, current keyRing, load func() (configs.Auth, error), hangup <-chan os.Signal, logger *slog.Logger) {
	look := time.NewTicker(keyCheckInterval)
	defer look.Stop()
	var problem error
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			asked = true
		case <-look.C:
		}
		ring, err := reloadKeys(load)
		if err == nil && ring.mark != current.mark {
			if err = verifier.SetKeys(ring.keys); err == nil {
				logger.Info("keys replaced", "keys", len(ring.keys))
				current, problem = ring, nil
				continue
			}
		}
		if err != nil && (asked || problem == nil || err.Error() != problem.Error()) {
			logger.Error("keys not replaced: the ones before stay in force", "cause", err)
		}
		if err == nil && asked {
			logger.Info("keys unchanged")
		}
		problem = err
	}
}

func reloadKeys(load func() (configs.Auth, error)) (keyRing, error) {
	auth, err := load()
	if err != nil {
		return keyRing{}, err
	}
	return readKeys(auth)
}
