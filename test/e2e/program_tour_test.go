package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// tourStep is a block of the tour, and what the page says that it prints.
type tourStep struct{ line, commands, prints string }

// readTour returns the blocks of commands of a page in their order, each with the block of text below it.
func readTour(page string) []tourStep {
	blocks := regexp.MustCompile("(?ms)^```(sh|text)\n(.*?)^```$")
	var steps []tourStep
	for _, at := range blocks.FindAllStringSubmatchIndex(page, -1) {
		language, text := page[at[2]:at[3]], page[at[4]:at[5]]
		if language == "sh" {
			line := fmt.Sprintf("line %d", 1+strings.Count(page[:at[4]], "\n"))
			steps = append(steps, tourStep{line: line, commands: text})
		} else if len(steps) > 0 {
			steps[len(steps)-1].prints = text
		}
	}
	return steps
}

// matches reports whether a text is as the page has it, where "…" stands for anything.
func (s tourStep) matches(printed string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(s.prints)), "…", ".*")
	return regexp.MustCompile(`\A` + pattern + `\z`).MatchString(strings.TrimSpace(strings.ReplaceAll(printed, "\r", "")))
}

// The tour of docs/rest-v1.md can be pasted from top to bottom, and prints what it says.
func TestProgramTour(t *testing.T) {
	tool(t, "curl")
	bash := tool(t, "bash")
	page, err := os.ReadFile("../../docs/rest-v1.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := readTour(string(page))
	if len(steps) < 10 || !strings.HasPrefix(steps[0].commands, "make build\n") {
		t.Fatalf("the page has %d blocks, the first of which does not build", len(steps))
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	if err := os.Mkdir(filepath.Join(p.folder, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(p.folder, "bin", "omarty")); err != nil {
		t.Fatal(err)
	}
	steps[0].commands = strings.TrimPrefix(steps[0].commands, "make build\n") // it is built
	const end = "-- the end of a step --\n"
	var script strings.Builder
	for _, s := range steps {
		script.WriteString(s.commands + "echo '" + strings.TrimSpace(end) + "'\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	paste := exec.CommandContext(ctx, bash)
	paste.Dir, paste.Env, paste.Stdin = p.folder, p.variables, strings.NewReader(script.String())
	paste.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts a server
	paste.Cancel = func() error { return syscall.Kill(-paste.Process.Pid, syscall.SIGKILL) }
	var stderr strings.Builder
	paste.Stderr = &stderr
	output, err := paste.Output()
	if err != nil || stderr.Len() > 0 {
		t.Errorf("the tour ends with %v and %s", err, &stderr)
	}
	printed := strings.Split(string(output), end)
	if len(printed) != len(steps)+1 {
		t.Fatalf("%d of %d blocks have run", len(printed)-1, len(steps))
	}
	for i, s := range steps {
		if !s.matches(printed[i]) {
			t.Errorf("%s prints\n%s\nwant\n%s", s.line, printed[i], s.prints)
		}
	}
	if left := p.files(t); len(left) != 1 {
		t.Errorf("the tour leaves %v", left)
	}
}
