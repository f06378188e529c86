// Command omarty runs the register of residential blocks and their apartments, and keeps its database.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	collectLate()
	// Whoever reads stdout or stderr may go: the next write fails, and the program does not end for it.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		// From here on, before anything reacts, a second signal ends the program at once.
		signal.Stop(signals)
		cancel()
	}()
	os.Exit(run(ctx, os.Args[1:], environment{stdout: os.Stdout, stderr: os.Stderr, variables: os.Environ()}))
}
