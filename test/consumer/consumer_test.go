package consumer_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"omarty.net/consumer"
	"omarty.net/registry/domain"
)

func TestRegister(t *testing.T) {
	const manager, stranger = 7, 8
	r, err := consumer.NewRegister(t.Context(), 4, manager)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(t.Context(), manager, 0, 12); err != nil {
		t.Error(err)
	}
	if err := r.Add(t.Context(), manager, 3, 12); !errors.Is(err, domain.NumberTaken) {
		t.Errorf("the same number again: %v", err)
	}
	if err := r.Add(t.Context(), stranger, 1, 13); !errors.Is(err, domain.Denied) {
		t.Errorf("a stranger: %v", err)
	}
	if got := r.Numbers(); !slices.Equal(got, []int{12}) {
		t.Errorf("numbers %v", got)
	}
}

// A service that uses the register in memory builds without a web framework, an ORM or a database driver: with nothing, in
// fact, but the register's own packages and the standard library.
func TestBuildHoldsTheRegisterAlone(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"omarty.net/consumer",
		"omarty.net/registry/adapters/memstore",
		"omarty.net/registry/application",
		"omarty.net/registry/domain",
	}
	got := strings.Fields(string(out))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the build holds %v, want %v", got, want)
	}
}
