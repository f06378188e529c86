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

func TestBuilding(t *testing.T) {
	const manager, stranger = 7, 8
	ctx, b := t.Context(), consumer.NewBuilding(4, manager)
	added, err := b.Add(ctx, manager, 0, 12)
	if err != nil || added.ID() != 1 {
		t.Errorf("added %+v, %v", added, err)
	}
	if _, err := b.Add(ctx, manager, 3, 12); !errors.Is(err, domain.NumberTaken) {
		t.Errorf("the same number again: %v", err)
	}
	if _, err := b.Add(ctx, stranger, 1, 13); !errors.Is(err, domain.Denied) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := b.Add(ctx, manager, 301, 0); !errors.Is(err, domain.OutOfRange) {
		t.Errorf("a floor that is none: %v", err)
	}
	third, err := domain.NewFloor(3)
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := b.Move(ctx, manager, added, third); err != nil || moved.Floor() != third {
		t.Errorf("moved %+v, %v", moved, err)
	}
	if _, err := b.Move(ctx, manager, added, third); !errors.Is(err, domain.VersionMismatch) {
		t.Errorf("moved as it was before: %v", err)
	}
	all, err := b.Apartments(ctx, manager)
	if err != nil || len(all) != 1 || all[0].Number().Int() != 12 || all[0].Floor() != third {
		t.Errorf("apartments %+v, %v", all, err)
	}
	history, err := b.History(ctx, manager)
	if err != nil || len(history) != 2 || history[0].Kind != domain.ChangeCorrect || history[1].Kind != domain.ChangeRegister {
		t.Errorf("history %+v, %v", history, err)
	}
	if _, err := b.History(ctx, stranger); !errors.Is(err, domain.NotFound) {
		t.Errorf("a stranger's history: %v", err)
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
