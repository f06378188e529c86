package main

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/configs"
	"omarty.net/registry/domain"
)

// demoRegister is the register that the demo serves.
//
//go:embed demo.yaml
var demoRegister []byte

// The users of demoRegister that the printed commands speak for.
const (
	demoManager  domain.UserID = 7
	demoResident domain.UserID = 8
)

const demoTokenLifetime = 24 * time.Hour

// serveDemo serves demoRegister from a database of its own, which it removes at the end, and prints how to try it.
func serveDemo(ctx context.Context, env environment) (err error) {
	// Closing its terminal ends it too, and must not leave its database behind.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	folder, err := os.MkdirTemp("", "omarty-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	secret := rand.Text() + rand.Text()
	config, err := configs.Load("", []string{
		"OMARTY_DATABASE_URL=sqlite://" + filepath.Join(folder, "omarty.db"),
		"OMARTY_AUTH_HS256_SECRET=" + secret,
		"OMARTY_ADMIN_ADDRESS=127.0.0.1:0",
	}, configs.NeedsDatabase, configs.NeedsKeys)
	if err != nil {
		return err
	}
	auth, _, err := newVerifier(config.Auth, systemClock())
	if err != nil {
		return err
	}
	listener, err := listenForDemo(ctx, config.HTTP.Address)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server has closed it, or the program ends
	log := newServerLog(env.stderr, config.Log)
	defer log.Close(logPatience)
	return serveOn(ctx, listener, config, auth, log, func(ctx context.Context, s *service) error {
		file, err := registerfile.Read(bytes.NewReader(demoRegister))
		if err != nil {
			return err
		}
		if _, err := file.Import(ctx, s.importer, nil); err != nil {
			return err
		}
		return explainDemo(env.stdout, listener.Addr(), secret)
	})
}

// listenForDemo listens on any free port where the usual one is taken.
func listenForDemo(ctx context.Context, address string) (net.Listener, error) {
	listener, err := listen(ctx, address, httpAddress)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(address)
		return listen(ctx, net.JoinHostPort(host, "0"), httpAddress)
	}
	return listener, err
}

func explainDemo(w io.Writer, address net.Addr, secret string) error {
	var tokens []any
	for _, user := range []domain.UserID{demoManager, demoResident} {
		token, err := jwtauth.Mint([]byte(secret), user, demoTokenLifetime, time.Now())
		if err != nil {
			return err
		}
		tokens = append(tokens, address, token)
	}
	_, err := fmt.Fprintf(w, `The demo serves a small register on http://%[1]s, and forgets it when it ends.

User 7 manages block 4. Paste this to register apartment 2 on its first floor; paste it again, and the number is taken:

curl -w '\n' -d 'api=CreateApartment&floorNum=1&aptNum=2&blockId=4&apartmentId=1' \
  -H 'Authorization: Bearer %[2]s' \
  http://%[1]s/omartyapis/Create/

User 8 only lives there, and is refused:

curl -w '\n' -d 'api=CreateApartment&floorNum=1&aptNum=5&blockId=4&apartmentId=2' \
  -H 'Authorization: Bearer %[4]s' \
  http://%[3]s/omartyapis/Create/

Stop it with Ctrl-C.

`, tokens...)
	return err
}
