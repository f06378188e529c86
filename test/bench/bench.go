package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// bench is what measurements are made with.
type bench struct {
	// programs are the paths of what is measured, by contender.
	programs map[string]string
	secret   string
	options  options
}

// contender is one of the servers that are compared.
type contender struct {
	name string
	// source is the package of the module in folder that its program is built from.
	folder, source string
	// fill returns the commands of the program that make the tables in an empty database and fill them.
	fill func(d database) [][]string
	// serve returns the arguments of the program that has it serve.
	serve func(address string, d database) []string
}

var omarty = omartyOf("omarty", "../..")

// omartyOf is the program of a checkout, with the dependencies that it is shipped with.
func omartyOf(name, folder string) contender {
	return contender{
		name, folder, "./cmd/omarty",
		func(d database) [][]string { return [][]string{{"migrate"}, {"import", d.registerFile}} },
		func(_ string, d database) []string {
			if d.engine.name == memory.name {
				return []string{"serve", "--import", d.registerFile}
			}
			return []string{"serve"}
		},
	}
}

var yardstick = contender{
	"yardstick", ".", "./yardstick",
	func(d database) [][]string {
		return [][]string{{"-database", d.url, "-create", strconv.Itoa(d.register.blocks)}}
	},
	func(address string, d database) []string { return []string{"-database", d.url, "-address", address} },
}

// beforeName is what the program of the other checkout is called.
const beforeName = "before"

// versions are this program and, where it is asked for, the one before.
func (o options) versions() []contender {
	if o.before == "" {
		return []contender{omarty}
	}
	return []contender{omarty, omartyOf(beforeName, o.before)}
}

// environment is all that a program has of this process. Omarty lets one address ask as often as it can; the rest is as it is by
// default.
func (b *bench) environment(url, address string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "OMARTY_DATABASE_URL=" + url, "OMARTY_AUTH_HS256_SECRET=" + b.secret,
		"OMARTY_HTTP_ADDRESS=" + address, "OMARTY_HTTP_RATE_LIMIT=0",
	}
}

// result is one measurement.
type result struct {
	seen
	peakMemory int
}

// measure drives a contender on a fresh database, and checks what is kept at the end.
func (b *bench) measure(ctx context.Context, c contender, e engine, l load) (r result, err error) {
	err = b.withDatabase(ctx, c, e, l.register, func(d database) error {
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
	register          register
}

// withDatabase calls use with a database that the contender's own program has put the register into, and removes it afterwards.
func (b *bench) withDatabase(ctx context.Context, c contender, e engine, kept register, use func(database) error) error {
	return temporary(func(folder string) error {
		url, drop, err := e.create(folder)
		if err != nil {
			return err
		}
		d := database{e, url, filepath.Join(folder, "register.yaml"), kept}
		if err = kept.write(d.registerFile); err == nil && e.name != memory.name {
			err = b.fill(ctx, c, d)
		}
		if err == nil {
			err = use(d)
		}
		return errors.Join(err, drop())
	})
}

func (b *bench) fill(ctx context.Context, c contender, d database) error {
	for _, arguments := range c.fill(d) {
		command := exec.CommandContext(ctx, b.programs[c.name], arguments...)
		command.Env = b.environment(d.url, "")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w\n%s", c.name, strings.Join(arguments, " "), err, output)
		}
	}
	return nil
}

// drive starts a contender on a database, drives it, and ends it.
func (b *bench) drive(ctx context.Context, c contender, d database, l load) (r result, err error) {
	err = temporary(func(folder string) error {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		profiles, environment, err := b.profiling(c, b.environment(d.url, address))
		if err != nil {
			return err
		}
		s, err := startServer(ctx, folder, address, b.programs[c.name], environment, c.serve(address, d)...)
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

// build builds the contenders' programs as make build does, and returns their paths.
func build(ctx context.Context, folder string, contenders ...contender) (map[string]string, error) {
	programs := map[string]string{}
	for _, c := range contenders {
		programs[c.name] = filepath.Join(folder, c.name)
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", programs[c.name], c.source)
		command.Dir = c.folder
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s in %s: %w\n%s", c.source, c.folder, err, output)
		}
	}
	return programs, nil
}
