package storetest

import (
	"fmt"

	"omarty.net/registry/domain"
)

// Contradictions lists what cannot be, whatever was asked of the store: a number twice among the registered apartments of a
// block, an id twice, an apartment or a member of what is not there, a gap in a ledger, an entry that does not begin where the
// one before has ended, an apartment, a version or a count that is not what the ledger makes of them from its start, and a
// log that is not the ledger's. A store that keeps its promises has none, at any time.
func (r Rows) Contradictions() []string {
	c := checker{rows: r.sorted()}
	c.blocks = once(c.wrong, "block", c.rows.Blocks, BlockRow.ID)
	c.apartments = once(c.wrong, "apartment", c.rows.Apartments, func(a ApartmentRow) domain.ApartmentID { return a.ID })
	once(c.wrong, "membership", c.rows.Memberships, domain.Membership.Key)
	c.checkPlaces()
	c.foldLedger()
	c.checkFolded()
	if wrong := difference("rows of the log", c.rows.Logs, (Rows{Logs: LogsOf(c.rows.Changes)}).sorted().Logs); wrong != "" {
		c.wrong("the log is not that of the ledger: %s", wrong)
	}
	return c.found
}

// checker looks for contradictions in sorted rows.
type checker struct {
	rows       Rows
	found      []string
	blocks     map[domain.BlockID]BlockRow
	apartments map[domain.ApartmentID]ApartmentRow
	// folded is what the ledger makes of the apartments, and versions of the blocks.
	folded   map[domain.ApartmentID]ApartmentRow
	versions map[domain.BlockID]domain.Sequence
	// holders count who has a number, and given are the numbers that the set in hand has given.
	holders map[holder]int
	given   []holder
}

func (c *checker) wrong(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// once indexes rows by what they are known by, and complains of what is there twice.
func once[Row any, Key comparable](wrong func(string, ...any), what string, rows []Row, key func(Row) Key) map[Key]Row {
	index := make(map[Key]Row, len(rows))
	for _, row := range rows {
		if _, twice := index[key(row)]; twice {
			wrong("%s %v is there twice", what, key(row))
		}
		index[key(row)] = row
	}
	return index
}

func (c *checker) checkPlaces() {
	for _, a := range c.rows.Apartments {
		if a.ID <= 0 {
			c.wrong("an apartment has the id %d", a.ID)
		}
		if _, ok := c.blocks[a.Block]; !ok {
			c.wrong("apartment %d is in block %d, which is not there", a.ID, a.Block)
		}
	}
	for _, m := range c.rows.Memberships {
		if _, ok := c.blocks[m.Block()]; !ok {
			c.wrong("user %d is a member of block %d, which is not there", m.User(), m.Block())
		}
		if m.Apartment() != 0 && c.apartments[m.Apartment()].Block != m.Block() {
			c.wrong("user %d is a member of block %d through apartment %d, which is not in it", m.User(), m.Block(), m.Apartment())
		}
	}
}

// holder is what is in a block once among the registered.
type holder struct {
	block  domain.BlockID
	number int
}

// foldLedger goes through the ledgers entry by entry, from the start.
func (c *checker) foldLedger() {
	c.folded, c.versions, c.holders = map[domain.ApartmentID]ApartmentRow{}, map[domain.BlockID]domain.Sequence{}, map[holder]int{}
	sets := map[domain.ChangeSetID]bool{}
	for i, e := range c.rows.Changes {
		if _, ok := c.blocks[e.Block]; !ok {
			c.wrong("the ledger has a change in block %d, which is not there", e.Block)
		}
		if want := c.versions[e.Block] + 1; e.Sequence != want {
			c.wrong("block %d: sequence %d follows %d", e.Block, e.Sequence, want-1)
		}
		c.versions[e.Block] = e.Sequence
		first := i == 0 || c.rows.Changes[i-1].ChangeSet != e.ChangeSet || c.rows.Changes[i-1].Block != e.Block
		switch {
		case first && sets[e.ChangeSet]:
			c.wrong("block %d, sequence %d: change set %s has entries elsewhere", e.Block, e.Sequence, e.ChangeSet)
		case !first && c.rows.Changes[i-1].Position >= e.Position:
			c.wrong("block %d, sequence %d: position %d follows %d", e.Block, e.Sequence, e.Position, c.rows.Changes[i-1].Position)
		case !first && e.Asked != domain.Digest{}:
			c.wrong("block %d, sequence %d: not the first of its set, and has a digest", e.Block, e.Sequence)
		}
		sets[e.ChangeSet] = true
		if e.Before.IsZero() && e.After.IsZero() && e.Kind == domain.ChangeRegister {
			continue // logged by a former version, of an apartment that is gone
		}
		c.fold(e)
		if last := i+1 == len(c.rows.Changes) || c.rows.Changes[i+1].ChangeSet != e.ChangeSet; last {
			for _, at := range c.given {
				if n := c.holders[at]; n > 1 {
					c.wrong("block %d, sequence %d: number %d is registered %d times", e.Block, e.Sequence, at.number, n)
				}
			}
			c.given = c.given[:0]
		}
	}
}

// fold makes the change of an entry.
func (c *checker) fold(e domain.LedgerEntry) {
	a, there := c.folded[e.Apartment]
	if there && a.Block != e.Block {
		c.wrong("apartment %d changes in block %d and is in block %d", e.Apartment, e.Block, a.Block)
	}
	if before := a.state(); before != e.Before {
		c.wrong("block %d, sequence %d: apartment %d was %v, and the entry says %v", e.Block, e.Sequence, e.Apartment, before, e.Before)
	}
	if !changes(e) {
		c.wrong("block %d, sequence %d: a change of kind %s from %v to %v", e.Block, e.Sequence, e.Kind, e.Before, e.After)
	}
	if (e.Kind == domain.ChangeImport) != (e.Origin.By == 0) {
		c.wrong("block %d, sequence %d: a change of kind %s by user %d", e.Block, e.Sequence, e.Kind, e.Origin.By)
	}
	if a.Status == domain.ApartmentRegistered {
		c.holders[holder{e.Block, a.Number}]--
	}
	if there {
		a.ChangedAt = new(e.Origin.At)
	} else {
		a = ApartmentRow{ID: e.Apartment, Block: e.Block, RegisteredBy: unlessZero(e.Origin.By), RegisteredAt: e.Origin.At}
	}
	a.Floor, a.Number, a.Status, a.Version = e.After.Floor().Level(), e.After.Number().Int(), e.After.Status(), e.Sequence
	if a.Status == domain.ApartmentRegistered {
		c.holders[holder{e.Block, a.Number}]++
		c.given = append(c.given, holder{e.Block, a.Number})
	}
	c.folded[e.Apartment] = a
}

// state returns the zero State for an apartment that is not there.
func (a ApartmentRow) state() domain.State {
	if a.ID == 0 {
		return domain.State{}
	}
	return must(domain.RestoreState(a.Floor, a.Number, a.Status))
}

// changes reports whether an entry is such as its kind allows.
func changes(e domain.LedgerEntry) bool {
	const registered, retired = domain.ApartmentRegistered, domain.ApartmentRetired
	unmoved := e.Before.Floor() == e.After.Floor() && e.Before.Number() == e.After.Number()
	switch e.Kind {
	case domain.ChangeRegister:
		return e.Before.IsZero() && e.After.Status() == registered
	case domain.ChangeCorrect:
		return e.Before.Status() == registered && e.After.Status() == registered && !unmoved
	case domain.ChangeRetire:
		return e.Before.Status() == registered && e.After.Status() == retired && unmoved
	case domain.ChangeRestore:
		return e.Before.Status() == retired && e.After.Status() == registered && unmoved
	case domain.ChangeImport:
		return e.Before != e.After && !e.After.IsZero()
	default:
		return false
	}
}

// checkFolded compares the apartments and the blocks with what the ledger makes of them.
func (c *checker) checkFolded() {
	registered, retired := map[domain.BlockID]int{}, map[domain.BlockID]int{}
	numbers := map[holder]domain.ApartmentID{}
	for _, a := range c.rows.Apartments {
		if folded, ok := c.folded[a.ID]; !ok {
			c.wrong("apartment %d has no change in the ledger", a.ID)
		} else if !same(a, folded) {
			c.wrong("apartment %d is\n%+v, and the ledger makes of it\n%+v", a.ID, readable(a), readable(folded))
		}
		if a.Status != domain.ApartmentRegistered {
			retired[a.Block]++
			continue
		}
		registered[a.Block]++
		if other, taken := numbers[holder{a.Block, a.Number}]; taken {
			c.wrong("block %d: number %d is that of the apartments %d and %d", a.Block, a.Number, other, a.ID)
		}
		numbers[holder{a.Block, a.Number}] = a.ID
	}
	for id := range c.folded {
		if _, ok := c.apartments[id]; !ok {
			c.wrong("apartment %d is in the ledger alone", id)
		}
	}
	for id, b := range c.blocks {
		if b.Version != c.versions[id] {
			c.wrong("block %d has version %d, and the last sequence of its ledger is %d", id, b.Version, c.versions[id])
		}
		if b.Registered != registered[id] || b.Retired != retired[id] {
			c.wrong("block %d counts %d registered and %d retired apartments, and has %d and %d", id, b.Registered, b.Retired, registered[id], retired[id])
		}
	}
}
