package main

import (
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"omarty.net/registry/configs"
)

// What the server takes of memory at most.
const (
	memoryOfProgram    = 64 << 20
	memoryOfConnection = 48 << 10 // with the longest head that is read
)

// collectLate has garbage collected less often than Go does by itself, unless GOGC says how often. What lives is small, a
// few megabytes, and Go would collect each time that it has doubled: a tenth of the processor's time under load.
func collectLate() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// boundMemory has garbage collected as often as it takes to stay within what the settings allow clients to make the server
// hold, and within nine tenths of what the program's cgroup may have, unless GOMEMLIMIT says how much.
func boundMemory(c configs.HTTP) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	limit := memoryOfProgram + int64(c.MaxConnections)*memoryOfConnection + c.BodyMemory
	if most, err := memlimit.FromCgroup(); err == nil && most < 1<<62 { // without a limit, no bound but this
		limit = min(limit, int64(most)/10*9)
	}
	debug.SetMemoryLimit(limit)
}
