package mysql

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"omarty.net/registry/adapters/sqlstore/internal/cause"
	"omarty.net/registry/adapters/sqlstore/internal/dialect"
	"omarty.net/registry/adapters/sqlstore/internal/rows"
	"omarty.net/registry/domain"
)

// What costs on MySQL is round trips: one takes along every statement up to the next answer that is needed. All of them are
// made of constants alone, and values go through the driver.

const (
	// nthInserted is the id of the nth apartment that the statement before inserted. InnoDB gives the rows of one INSERT whose
	// number it knows ids without a gap, in their order, and LAST_INSERT_ID is the first (MySQL manual, AUTO_INCREMENT
	// Handling in InnoDB).
	nthInserted = "LAST_INSERT_ID() + ? * @@auto_increment_increment"
	// lastInserted is the same for the last of several apartments. Where the ids have a gap it is NULL, which the ledger refuses.
	lastInserted = "(SELECT id FROM apartments WHERE block_id = ? AND live = 1 AND number = ? AND id = " + nthInserted + ")"
	// sequenceOf is a sequence, counted back from the block's version once it is raised. Of a block that is not there it is NULL.
	sequenceOf = "(SELECT version FROM blocks WHERE id = ?) - ?"

	insertRegistered = "INSERT INTO apartments (block_id, floor, number, live, registered_by, registered_at, version) VALUES "
	registeredValues = "(?, ?, ?, 1, ?, ?, " + sequenceOf + ")"
	insertRegisters  = "INSERT INTO changes (block_id, sequence, change_set_id, position, kind, apartment_id, after_floor, after_number, after_status, " +
		"user_id, through_apartment_id, longitude, latitude, source, request_id, at) VALUES "
	selectGiven = "SELECT id, version, LAST_INSERT_ID(), @@auto_increment_increment FROM blocks WHERE id IN ("
)

func registerValues(apartmentID string) string {
	return "(?, " + sequenceOf + ", ?, 0, 'register', " + apartmentID + ", ?, ?, 'registered', ?, ?, ?, ?, ?, ?, ?)"
}

// Register implements dialect.Writer, in one round trip however many the change sets.
func (d *DB) Register(ctx context.Context, sets []domain.ChangeSet) ([]dialect.Registered, error) {
	r := newRegistration(sets)
	commands := []Command{{Text: Begin}, r.raiseVersions(), r.insertApartments(), r.insertEntries(), r.selectGiven(), {Text: Commit}}
	err := d.WithConn(ctx, func(c Conn) error {
		return c.Query(ctx, r.scan, 4, commands...)
	})
	if err != nil {
		return nil, err
	}
	return r.registered()
}

// registration is what Register writes, and what the server answers.
type registration struct {
	sets []domain.ChangeSet
	// blocks are those that are written in, in the order of their ids, and counts how many apartments each gets.
	blocks []int64
	counts map[int64]int
	// before are how many of a set's block come before its own.
	before []int
	// first and step tell the ids of the apartments, and versions those of the blocks.
	first, step int64
	versions    map[int64]int64
}

func newRegistration(sets []domain.ChangeSet) *registration {
	r := &registration{sets: sets, counts: make(map[int64]int, len(sets)), before: make([]int, len(sets)), versions: make(map[int64]int64, len(sets))}
	for i, set := range sets {
		block := int64(set.Block())
		if r.counts[block] == 0 {
			r.blocks = append(r.blocks, block)
		}
		r.before[i] = r.counts[block]
		r.counts[block]++
	}
	slices.Sort(r.blocks)
	return r
}

// raiseVersions locks the blocks' rows, in the order of their ids, until the transaction ends.
func (r *registration) raiseVersions() Command {
	var several strings.Builder
	for _, block := range r.blocks {
		if n := r.counts[block]; n > 1 {
			several.WriteString(" WHEN " + strconv.FormatInt(block, 10) + " THEN " + strconv.Itoa(n))
		}
	}
	count := "1"
	if several.Len() > 0 {
		count = "CASE id" + several.String() + " ELSE 1 END"
	}
	return Command{
		Text: "UPDATE blocks FORCE INDEX (PRIMARY) SET version = version + " + count + ", registered = registered + " + count +
			" WHERE id IN (" + rows.List("?", len(r.blocks)) + ")",
		Values: r.blockValues(),
	}
}

func (r *registration) blockValues() []any {
	values := make([]any, len(r.blocks))
	for i, block := range r.blocks {
		values[i] = block
	}
	return values
}

// back is how far a set's sequence is behind the block's version.
func (r *registration) back(i int) int {
	return r.counts[int64(r.sets[i].Block())] - r.before[i] - 1
}

func (r *registration) insertApartments() Command {
	values := make([]any, 0, 7*len(r.sets))
	for i, set := range r.sets {
		change, origin, block := set.Changes()[0], set.Origin(), int64(set.Block())
		values = append(values, block, change.Floor().Level(), change.Number().Int(), int64(origin.By), rows.Timestamp{Time: origin.At}, block, r.back(i))
	}
	return Command{insertRegistered + rows.List(registeredValues, len(r.sets)), values}
}

func (r *registration) insertEntries() Command {
	n := len(r.sets)
	text := insertRegisters + rows.List(registerValues(nthInserted), n)
	if n > 1 {
		text = insertRegisters + rows.List(registerValues(nthInserted), n-1) + ", " + registerValues(lastInserted)
	}
	values := make([]any, 0, 16*n)
	for i, set := range r.sets {
		block, change := int64(set.Block()), set.Changes()[0]
		e := rows.OfEntry(domain.LedgerEntry{ChangeSet: set.ID(), Origin: set.Origin()})
		values = append(values, block, block, r.back(i), e.ChangeSetID)
		if i > 0 && i == n-1 {
			values = append(values, block, change.Number().Int())
		}
		values = append(values, i, change.Floor().Level(), change.Number().Int(), e.UserID, e.ThroughApartment, e.Longitude, e.Latitude, e.Source, e.RequestID, e.At)
	}
	return Command{text, values}
}

func (r *registration) selectGiven() Command {
	return Command{selectGiven + rows.List("?", len(r.blocks)) + ")", r.blockValues()}
}

func (r *registration) scan(rows *sql.Rows) error {
	var block, version int64
	err := rows.Scan(&block, &version, &r.first, &r.step)
	r.versions[block] = version
	return err
}

func (r *registration) registered() ([]dialect.Registered, error) {
	if len(r.versions) != len(r.blocks) {
		return nil, cause.Fixed(errors.New("the versions of the blocks were not answered"))
	}
	registered := make([]dialect.Registered, len(r.sets))
	for i, set := range r.sets {
		registered[i] = dialect.Registered{
			Apartment: domain.ApartmentID(r.first + int64(i)*r.step),
			Sequence:  domain.Sequence(r.versions[int64(set.Block())] - int64(r.back(i))),
		}
	}
	return registered, nil
}
