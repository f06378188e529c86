// Command yardstick is what the register is measured against: a server of the same rules as one would write by hand, with
// net/http and database/sql alone. Each request has a transaction of its own, statements are prepared, and writers of
// SQLite come first come first served. It asks for blockId, reads forms alone, and logs nothing.
//
// The database has to be there, migrated by omarty. The secret of tokens is in OMARTY_AUTH_HS256_SECRET.
package main

import (
	"context"
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *address, *database, []byte(os.Getenv("OMARTY_AUTH_HS256_SECRET"))); err != nil {
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
	if path, ok := strings.CutPrefix(database, "sqlite://"); ok {
		return openSQLite(ctx, path)
	}
	if strings.HasPrefix(database, "mysql://") {
		return openMySQL(ctx, database)
	}
	return nil, errors.New("-database must start with sqlite:// or mysql://")
}
