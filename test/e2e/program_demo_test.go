package e2e_test

import (
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The demo prints commands that work as they are pasted, and leaves nothing behind.
func TestProgramDemo(t *testing.T) {
	tool(t, "curl")
	bash := tool(t, "bash")
	// 8080 is taken, by this test or by something else, so the demo has to find another port.
	if taken, err := net.Listen("tcp", "127.0.0.1:8080"); err == nil {
		defer taken.Close()
	}
	temporary := t.TempDir()
	p := newPlace(t, "TMPDIR="+temporary, "OMARTY_DATABASE_URL=sqlite://not-for-the-demo.db")
	demo := p.serve(t, "--demo")
	demo.await(t, demo.stdout, regexp.MustCompile("Stop it with Ctrl-C")) // the last line
	commands := regexp.MustCompile(`(?m)^curl (?:.*\\\n)*.*\n`).FindAllString(demo.stdout.String(), -1)
	if len(commands) != 2 {
		t.Fatalf("the demo prints %d commands:\n%s", len(commands), demo.stdout)
	}
	if len(p.files(t)) > 0 {
		t.Errorf("the demo leaves %v where it is run", p.files(t))
	}
	if entries, err := os.ReadDir(temporary); err != nil || len(entries) != 1 {
		t.Errorf("the demo keeps its register in %v, %v", entries, err)
	}
	denied := message(200, "User does not have permissions in this block.")
	for _, step := range []struct{ command, want string }{
		{commands[0], registered}, {commands[0], alreadyRegistered}, {commands[1], denied}, {commands[1], denied},
	} {
		paste := exec.Command(bash)
		paste.Stdin = strings.NewReader(step.command)
		var stderr strings.Builder
		paste.Stderr = &stderr
		answer, err := paste.Output()
		if err != nil || string(answer) != step.want+"\n" {
			t.Errorf("%s answers %q, want %q (%v, %s)", step.command, answer, step.want, err, stderr.String())
		}
	}
	demo.stop(t)
	if entries, err := os.ReadDir(temporary); err != nil || len(entries) > 0 {
		t.Errorf("the demo leaves %v behind, %v", entries, err)
	}
}

// The demo's register is the fixture; only what is said of it may differ.
func TestDemoRegister(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`\A(#.*\n)*`).ReplaceAllString(string(text), "")
	}
	if read("../../cmd/omarty/demo.yaml") != read("testdata/fixture.yaml") {
		t.Error("cmd/omarty/demo.yaml is not testdata/fixture.yaml")
	}
}
