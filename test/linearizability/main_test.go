package linearizability_test

import (
	"os"
	"testing"

	"omarty.net/registry/test/ground"
	"omarty.net/registry/test/linearizability"
)

// here is where these tests keep what they make.
var here *ground.Ground

func TestMain(m *testing.M) {
	if linearizability.ServeIfAsked() {
		return
	}
	os.Exit(ground.Run("linearizability", func(g *ground.Ground) int {
		here = g
		return m.Run()
	}))
}
