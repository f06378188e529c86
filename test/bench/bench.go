package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// bench is what measurements are made with.
type bench struct {
	programs programs
	secret   string
	options  options
}

// contender is one of the servers that are compared.
type contender struct {
	name string
	// command returns how it is started.
	command func(b *bench, address string, d database) (program string, environment, arguments []string)
}

var omarty = contender{"omarty", func(b *bench, address string, d database) (string, []string, []string) {
	arguments := []string{"serve"}
	if d.engine.name == memory.name {
		arguments = append(arguments, "--import", d.registerFile)
	}
	// One address may ask as often as it can; the rest is as it is by default.
	return b.programs.omarty, b.environment(d.url, "OMARTY_HTTP_ADDRESS="+address, "OMARTY_HTTP_RATE_LIMIT=0"), arguments
}}

var yardstick = contender{"yardstick", func(b *bench, address string, d database) (string, []string, []string) {
	return b.programs.yardstick, b.environment(d.url), []string{"-address", address, "-database", d.url}
}}

// environment is all that a server has of this process.
func (b *bench) environment(url string, more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "OMARTY_DATABASE_URL=" + url, "OMARTY_AUTH_HS256_SECRET=" + b.secret}, more...)
}

// result is one measurement.
type result struct {
	seen
	peakMemory int
}

// measure drives a contender on a fresh database, and checks what is kept at the end.
func (b *bench) measure(ctx context.Context, c contender, e engine, l load) (r result, err error) {
	err = b.withDatabase(ctx, e, l.register, func(d database) error {
		if r, err = b.drive(ctx, c, d, l); err != nil || e.name == memory.name {
			return err
		}
		return verify(ctx, d.url, r.acknowledged)
	})
	return r, err
}

// database is one that has a register.
type database struct {
	engine            engine
	url, registerFile string
}

// withDatabase calls use with a database that has the register, and removes it afterwards.
func (b *bench) withDatabase(ctx context.Context, e engine, kept register, use func(database) error) error {
	return temporary(func(folder string) error {
		url, drop, err := e.create(folder)
		if err != nil {
			return err
		}
		d := database{e, url, filepath.Join(folder, "register.yaml")}
		if err = kept.write(d.registerFile); err == nil && e.name != memory.name {
			err = errors.Join(b.runOmarty(ctx, url, "migrate"), b.runOmarty(ctx, url, "import", d.registerFile))
		}
		if err == nil {
			err = use(d)
		}
		return errors.Join(err, drop())
	})
}

// drive starts a contender on a database, drives it, and ends it.
func (b *bench) drive(ctx context.Context, c contender, d database, l load) (r result, err error) {
	err = temporary(func(folder string) error {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		program, environment, arguments := c.command(b, address, d)
		profiles, environment, err := b.profiling(c, environment)
		if err != nil {
			return err
		}
		s, err := startServer(ctx, folder, address, program, environment, arguments...)
		if err != nil {
			return err
		}
		wait := profiles.begin(ctx, fmt.Sprintf("%s-%d", d.engine.name, l.connections), l)
		r.seen, err = l.drive(ctx, s)
		err = errors.Join(err, wait())
		if err == nil {
			r.peakMemory, err = s.peakMemory()
		}
		return errors.Join(err, s.stop())
	})
	if err != nil {
		return r, fmt.Errorf("%s on %s at %d connections: %w", c.name, d.engine.name, l.connections, err)
	}
	return r, nil
}

func (b *bench) runOmarty(ctx context.Context, url string, arguments ...string) error {
	command := exec.CommandContext(ctx, b.programs.omarty, arguments...)
	command.Env = b.environment(url)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("omarty %s: %w\n%s", strings.Join(arguments, " "), err, output)
	}
	return nil
}

// programs are the paths of what is measured.
type programs struct{ omarty, yardstick string }

// build builds the programs as make build does.
func build(ctx context.Context, folder string) (programs, error) {
	p := programs{filepath.Join(folder, "omarty"), filepath.Join(folder, "yardstick")}
	for _, from := range []struct{ path, module, source string }{
		{p.omarty, "../..", "./cmd/omarty"}, // with the dependencies that it is shipped with
		{p.yardstick, ".", "./yardstick"},
	} {
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", from.path, from.source)
		command.Dir = from.module
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return programs{}, fmt.Errorf("go build %s: %w\n%s", from.source, err, output)
		}
	}
	return p, nil
}
