package faults_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"omarty.net/registry/test/ground"
)

// patience bounds every wait: many times what a busy machine needs.
const patience = 2 * time.Minute

// here is where these tests keep what they make.
var here *ground.Ground

func TestMain(m *testing.M) {
	runUnderFilter()
	var err error
	if here, err = ground.New("faults"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	outcomes.print(os.Stdout)
	if err := here.Clear(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot clear up:", err)
		code = 1
	}
	os.Exit(code)
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
