package faults_test

import (
	"os"
	"strconv"
	"testing"

	"omarty.net/registry/test/ground"
	"omarty.net/registry/test/history"
)

const patience = ground.Patience

// here is where these tests keep what they make.
var here *ground.Ground

// outcomes are what the tests have done and seen.
var outcomes = history.NewResults("store", "unknown", "unknown resolved", "kills", "cuts")

func TestMain(m *testing.M) {
	runUnderFilter()
	os.Exit(ground.Run("faults", func(g *ground.Ground) int {
		here = g
		defer outcomes.Print(os.Stdout)
		return m.Run()
	}))
}

// outcome is what came of a test.
type outcome struct {
	store, what string
	kills, cuts int
	verdict     history.Verdict
}

// conclude fails the test by whatever is wrong, and adds it to the outcomes.
func conclude(t *testing.T, o outcome) {
	t.Helper()
	for _, fault := range o.verdict.Faults() {
		t.Error(fault)
	}
	outcomes.Add(o.store, o.what, o.verdict, o.verdict.Unknown, o.verdict.Resolved, o.kills, o.cuts)
}

// rounds returns how often the tests that kill do so.
func rounds(t *testing.T) int {
	t.Helper()
	if !soak() {
		return 2
	}
	given := os.Getenv("OMARTY_SOAK_ROUNDS")
	if given == "" {
		return 10
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		t.Fatalf("OMARTY_SOAK_ROUNDS is %q, and must be a number from 1", given)
	}
	return n
}

func soak() bool { return os.Getenv("OMARTY_SOAK") == "1" }
