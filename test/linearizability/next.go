package linearizability

import (
	"fmt"
	"math/rand/v2"
	"time"

	"omarty.net/registry/domain"
)

// A server tries so long for most operations.
const generous = 10 * time.Second

// next returns what the client asks for next.
func (c *client) next() Call {
	c.asked++
	o := Operation{
		User: FirstUser + domain.UserID(c.index), Block: FirstBlock + domain.BlockID(rand.IntN(Blocks)),
		Key: fmt.Sprintf("client-%d-%d", c.index, c.asked), Kind: Apply, Timeout: generous,
	}
	if rand.IntN(30) == 0 {
		o.Timeout = time.Duration(1+rand.IntN(20)) * time.Millisecond
	}
	n := rand.IntN(100)
	status := domain.ApartmentRegistered
	if isRestore := n >= 34 && n < 40; isRestore || rand.IntN(20) == 0 {
		status = domain.ApartmentRetired
	}
	some, version := c.known.pick(o.Block, status, 3)
	switch {
	case n < 12:
		o.Kind, o.Changes = Create, []Change{c.register()}
	case n < 24:
		o.Kind, o.Changes = Correct, []Change{c.correct(some[0])}
	case n < 34:
		o.Kind, o.Changes = Retire, []Change{{Kind: domain.ChangeRetire, Apartment: some[0].ID, IfVersion: c.version(some[0])}}
	case n < 40:
		o.Kind, o.Changes = Restore, []Change{{Kind: domain.ChangeRestore, Apartment: some[0].ID, IfVersion: c.version(some[0])}}
	case n < 52:
		o.Changes = rotation(some[:2])
	case n < 58:
		o.Changes = rotation(some)
	case n < 68:
		o.Changes = c.mixed(some)
	case n < 74 && len(c.sets) > 0:
		undone := c.sets[rand.IntN(len(c.sets))]
		o.Kind, o.Block, o.Undoes = Undo, undone.Block, undone.Answer.ChangeSet
	case n < 78 && len(c.done) > 0: // again, long after
		again := c.done[rand.IntN(len(c.done))]
		return Call{Operation: again.Operation}
	case n < 80 && len(c.done) > 0: // with the key of another
		o.Key = c.done[rand.IntN(len(c.done))].Key
		o.Changes = []Change{{Kind: domain.ChangeRegister, Floor: new(0), Number: 999}, {Kind: domain.ChangeRetire, Apartment: some[0].ID}}
		return Call{Operation: o, Reuse: true}
	case n < 86:
		o.Kind, o.After, o.Limit = Ledger, version-domain.Sequence(rand.IntN(20)), 1+rand.IntN(40)
	case n < 90:
		o.Kind, o.Apartment = Get, some[0].ID
	case n < 95:
		o.Kind, o.Limit = Apartments, 1+rand.IntN(2*PerBlock)
		if rand.IntN(2) == 0 {
			o.Floor = new(rand.IntN(floors))
		}
	default:
		o.Kind = Block
	}
	if o.Kind == Apply && rand.IntN(5) == 0 {
		o.IfVersion = version
	}
	o.DryRun = (o.Kind == Apply || o.Kind == Undo) && rand.IntN(6) == 0
	return Call{Operation: o}
}

// version is one that a change is to find, or any.
func (c *client) version(a Apartment) domain.Sequence {
	if rand.IntN(3) == 0 {
		return a.Version
	}
	return 0
}

func (c *client) number() int { return 1 + rand.IntN(numbers) }

func (c *client) register() Change {
	return Change{Kind: domain.ChangeRegister, Floor: new(rand.IntN(floors)), Number: c.number()}
}

// correct corrects the floor, the number or both.
func (c *client) correct(a Apartment) Change {
	change := Change{Kind: domain.ChangeCorrect, Apartment: a.ID, IfVersion: c.version(a)}
	which := rand.IntN(3)
	if which != 0 {
		change.Number = c.number()
	}
	if which != 1 {
		change.Floor = new(rand.IntN(floors))
	}
	return change
}

// rotation gives each apartment the number of the next.
func rotation(apartments []Apartment) []Change {
	changes := make([]Change, len(apartments))
	for i, a := range apartments {
		changes[i] = Change{Kind: domain.ChangeCorrect, Apartment: a.ID, Number: apartments[(i+1)%len(apartments)].Number}
	}
	return changes
}

// mixed are changes of all kinds, some of which are to the same apartment or give the same number.
func (c *client) mixed(apartments []Apartment) []Change {
	var changes []Change
	for range 2 + rand.IntN(4) {
		a := apartments[rand.IntN(len(apartments))]
		change := Change{Kind: domain.ChangeRetire, Apartment: a.ID}
		switch rand.IntN(5) {
		case 0:
			change = c.register()
			change.IfAbsent = rand.IntN(2) == 0
		case 1:
			change.Kind = domain.ChangeRestore
		case 2:
		default:
			change = c.correct(a)
		}
		changes = append(changes, change)
	}
	return changes
}
