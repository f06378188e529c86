package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/adapters/telemetry"
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

// keyKeeper reads the keys again and hands the verifier those that differ. A source that cannot be used, such as a file
// that is not there, keeps the keys that it had, and the log and the metrics say so.
type keyKeeper struct {
	verifier *jwtauth.Verifier
	load     func() (configs.Auth, error)
	metrics  *telemetry.Keys
	logger   *slog.Logger

	auth    configs.Auth // as it was last loaded
	ring    keyRing      // in force
	problem string       // as it was last told
}

// run reads on SIGHUP and from time to time, until ctx is done.
func (k *keyKeeper) run(ctx context.Context, hangup <-chan os.Signal) {
	k.metrics.Reloaded(telemetry.KeysReplaced, len(k.ring.keys()))
	k.warnOfNone()
	look := time.NewTicker(keyCheckInterval)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			k.reload(true)
		case <-look.C:
			k.reload(false)
		}
	}
}

// reload reads the keys once. Asked for by a person, it says what came of it, new or not.
func (k *keyKeeper) reload(asked bool) {
	var problems configs.Problems
	if auth, err := k.load(); err == nil {
		k.auth = auth
	} else {
		problems = append(problems, err.Error())
	}
	ring, unusable := readKeys(k.auth, k.ring)
	problems = append(problems, unusable...)
	outcome := telemetry.KeysUnchanged
	if !ring.equal(k.ring) {
		if err := k.verifier.SetKeys(ring.keys()); err != nil {
			problems = append(problems, "auth: "+err.Error())
		} else {
			k.ring, outcome = ring, telemetry.KeysReplaced
		}
	}
	k.tell(outcome, strings.Join(problems, "; "), asked)
}

// tell counts what came of a reload and logs it.
func (k *keyKeeper) tell(outcome telemetry.KeyReload, problem string, asked bool) {
	keys, counted := len(k.ring.keys()), outcome
	if problem != "" {
		counted = telemetry.KeysFailed
	}
	k.metrics.Reloaded(counted, keys)
	if outcome == telemetry.KeysReplaced {
		k.logger.Info("keys replaced", "keys", keys)
	}
	if problem != "" && (asked || problem != k.problem) {
		k.logger.Error("keys not replaced: the ones before stay in force", "cause", problem)
	}
	if counted == telemetry.KeysUnchanged && asked {
		k.logger.Info("keys unchanged", "keys", keys)
	}
	if outcome == telemetry.KeysReplaced || asked {
		k.warnOfNone()
	}
	k.problem = problem
}

// warnOfNone says that nobody can get in, where that is so.
func (k *keyKeeper) warnOfNone() {
	if len(k.ring.keys()) == 0 {
		k.logger.Error("there is no key: every token is refused until auth.jwks_file has one")
	}
}
