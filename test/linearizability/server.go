package linearizability

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"

	"omarty.net/registry/adapters/sqlstore"
	"omarty.net/registry/application"
)

// databaseVariable names the database that a process serves. A process that has it is a server.
const databaseVariable = "OMARTY_LINEARIZABILITY_DATABASE"

// ServeIfAsked serves the register in the database that the environment names, if it does, until standard input ends, and
// returns whether it did. It prints its address. Each connection sends operations and has answers, in JSON, one after the other.
func ServeIfAsked() bool {
	url := os.Getenv(databaseVariable)
	if url == "" {
		return false
	}
	if err := serve(url); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func serve(url string) error {
	store, err := sqlstore.Open(context.Background(), url, sqlstore.Options{})
	if err != nil {
		return err
	}
	app := application.New(store)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answer(app, conn)
		}
	}()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err // the process ends as if it was killed
}

func answer(app *application.Application, conn net.Conn) {
	defer conn.Close()
	in, out := json.NewDecoder(conn), json.NewEncoder(conn)
	for {
		var o Operation
		if in.Decode(&o) != nil {
			return
		}
		if out.Encode(Execute(context.Background(), app, o)) != nil {
			return
		}
	}
}
