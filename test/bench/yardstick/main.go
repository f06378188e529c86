// Command yardstick is what the register is measured against: a server of the same rules as one would write by hand, with
// net/http and database/sql alone. Each request has a transaction of its own, statements are prepared, and writers of
// SQLite come first come first served. It asks for blockId, reads forms alone, and logs nothing.
//
// With -create it makes its tables in an empty database instead, which hold what those of omarty hold at its first release.
// The secret of tokens is in OMARTY_AUTH_HS256_SECRET.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	address := flag.String("address", "127.0.0.1:8090", "the `address` to listen on")
	database := flag.String("database", "", "sqlite:// or mysql:// `URL` of the database")
	blocks := flag.Int("create", 0, "make the tables, with so many `blocks`, instead of serving")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	do := func() error { return serve(ctx, *address, *database, []byte(os.Getenv("OMARTY_AUTH_HS256_SECRET"))) }
	if *blocks > 0 {
		do = func() error { return create(ctx, *database, *blocks) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "yardstick:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, address, database string, secret []byte) (err error) {
	kept, err := openRegister(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	handler := http.NewServeMux()
	handler.Handle("POST /omartyapis/Create/", &createApartment{register: kept, secret: secret})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Shutdown(context.WithoutCancel(ctx))
	}
}

func openRegister(ctx context.Context, database string) (register, error) {
	pool, onSQLite, err := connect(database)
	switch {
	case err != nil:
		return nil, err
	case onSQLite:
		return openSQLite(ctx, pool)
	default:
		return openMySQL(ctx, pool)
	}
}

// connect returns connections to the database that a URL names.
func connect(database string) (pool *sql.DB, onSQLite bool, err error) {
	if path, ok := strings.CutPrefix(database, "sqlite://"); ok {
		pool, err = connectSQLite(path)
		return pool, true, err
	}
	if strings.HasPrefix(database, "mysql://") {
		pool, err = connectMySQL(database)
		return pool, false, err
	}
	return nil, false, errors.New("-database must start with sqlite:// or mysql://")
}
