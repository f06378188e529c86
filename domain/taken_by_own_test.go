package domain_test

import (
	"errors"
	"testing"
	"time"

	"omarty.net/registry/domain"
)

// A change that is refused for the sake of an apartment that its own set would register is told an apartment without an id: no store
// ever gives it one.
func TestNumberTakenByTheSetItself(t *testing.T) {
	floor, _ := domain.NewFloor(1)
	number, _ := domain.NewNumber(5)
	register, err := domain.NewRegister(floor, number)
	if err != nil {
		t.Fatal(err)
	}
	set, err := domain.NewChangeSet(domain.ChangeSetSpec{
		ID: domain.ChangeSetID{1}, Block: 4, Changes: []domain.Change{register, register},
		Origin: domain.Origin{By: 7, At: time.Now(), Source: domain.SourceAPI},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = domain.NewBlockState(0, nil).Apply(set)
	var refused *domain.ChangeSetError
	if !errors.As(err, &refused) || refused.Changes[0].Code != domain.NumberTaken {
		t.Fatalf("the number is given twice, and the answer is %v", err)
	}
	if existing := refused.Changes[0].Existing; existing.ID() != 0 || existing.Number() != number {
		t.Errorf("it is refused for apartment %d with number %d, want 0 with %d", existing.ID(), existing.Number().Int(), number.Int())
	}
}
