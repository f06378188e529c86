package storetest

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

var writerPromises = slices.Concat(
	[]promise[Filler]{
		{"each kind of change, and an entry of the ledger for it, column by column", writerKinds},
		{"what was not given is absent, and 0 is not absent", writerAbsent},
		{"coordinates are kept as they are", writerCoordinates},
		{"floors, numbers and ids are kept to their limits", writerLimits},
		{"times are kept in UTC, to the microsecond", writerTimes},
		{"a change set's id is any 16 bytes", writerIDs},
		{"request ids are kept as they are", writerRequestIDs},
		{"a number is in a block once, whatever the floor", writerTaken},
		{"a retired apartment frees its number", writerFreed},
		{"a change that changes nothing leaves no entry", writerUnchanged},
		{"unless it is there already, an apartment is registered", writerIfAbsent},
		{"an apartment or a block that is not there is not found", writerNotFound},
		{"the expected version of an apartment", writerApartmentVersion},
		{"the expected version of a block", writerBlockVersion},
		{"apartments get ids of their own, whatever ids are there", writerAmongIDs},
		{"nothing is written for a caller who is gone", writerGone},
	},
	writerSetPromises, writerReplayPromises, dryRunPromises, writerAtOncePromises,
)

func writerKinds(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	at := noon
	with := func(spec domain.ChangeSetSpec) domain.ChangeSetSpec { // each set differs in every part of its origin
		at = at.Add(time.Minute + time.Microsecond)
		spec.Origin = domain.Origin{
			By: domain.UserID(at.Minute()), Through: domain.ApartmentID(1000 + at.Minute()), Location: location(new(float64(at.Minute())), new(-float64(at.Minute()))),
			At: at, Source: []domain.Source{domain.SourceApp, domain.SourceAPI, domain.SourceUndo}[at.Minute()%3], RequestID: "request-" + at.String()[14:19],
		}
		return spec
	}
	a := s.done(t, with(asked(1, register(-1, 2))))[0]
	s.done(t, with(asked(2, correct(a.ID(), 3, 0))))
	s.done(t, with(asked(3, correct(a.ID(), unmoved, 4))))
	s.done(t, with(asked(4, correct(a.ID(), 5, 5))))
	s.done(t, with(asked(5, retire(a.ID()))))
	s.done(t, with(asked(6, restore(a.ID()))))
	s.done(t, with(asked(7, correct(101, 2, 903)))) // what was imported
	s.done(t, with(asked(8, retire(102))))
	// Whether the user may is not the store's to judge, and neither is the block's status.
	s.done(t, with(askedIn(5, 9, register(0, 2), retire(104))))
	undo := with(askedIn(5, 10, restore(104)))
	undo.Undoes = id(9)
	s.done(t, undo)
	s.wantKept(t)
}

func writerAbsent(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	zero := 0.0
	for i, origin := range []domain.Origin{
		{},
		{Location: location(&zero, nil)},
		{Location: location(nil, &zero)},
		{Location: location(&zero, &zero)},
		{Location: location(new(31.25), nil)},
		{Location: location(nil, new(30.05))},
		{Through: 101},
		{RequestID: "0"},
	} {
		origin.By, origin.At, origin.Source = 7, noon, domain.SourceApp
		spec := asked(1+i, register(0, 1+i)) // the ground floor is not absent either
		spec.Origin = origin
		s.done(t, spec)
	}
}

func writerCoordinates(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	for i, c := range [][2]float64{
		{180, 90}, {-180, -90}, {1, -1},
		{0.1, 0.2}, {1.0 / 3, -2.0 / 3},
		{31.235711600000002, 30.044419899999998}, // more digits than a device has, and than 15
		{math.Nextafter(180, 0), math.Nextafter(-90, 0)},
		{math.Nextafter(31.25, 32), math.Nextafter(30, 29)},
		{math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64},
		{0x1p-1022, 1e-300}, {1e-5, 123e-7},
	} {
		spec := asked(1+i, register(1, 1+i))
		spec.Origin.Location = location(&c[0], &c[1])
		s.done(t, spec)
	}
}

func writerLimits(t *testing.T, s *subject[Filler]) {
	const beyondDoubles = 1<<53 + 1
	s.update(t, application.Changes{At: noon, NewBlocks: []domain.Block{
		block(4, "", domain.BlockActive), block(math.MaxInt64, "", domain.BlockActive), block(beyondDoubles, "", domain.BlockActive),
	}})
	for i, c := range []struct {
		user          domain.UserID
		block         domain.BlockID
		through       domain.ApartmentID
		floor, number int
	}{
		{7, 4, 0, domain.MinFloor, domain.MinNumber},
		{7, 4, 0, domain.MaxFloor, domain.MaxNumber},
		{1, 4, 1, 0, 3},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, 0, domain.MaxNumber},
		{math.MaxInt64 - 1, math.MaxInt64, math.MaxInt64 - 1, 0, domain.MinNumber},
		{beyondDoubles, beyondDoubles, beyondDoubles, 0, 4},
	} {
		spec := askedIn(c.block, 1+i, register(c.floor, c.number))
		spec.Origin.By, spec.Origin.Through = c.user, c.through
		a := s.done(t, spec)[0]
		s.done(t, askedIn(c.block, 101+i, correct(a.ID(), -c.floor/15, domain.MaxNumber-1-i)))
		s.done(t, askedIn(c.block, 201+i, correct(a.ID(), c.floor, c.number)))
	}
}

func writerTimes(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	cairo := time.FixedZone("Cairo", 3*60*60)
	for i, at := range []time.Time{
		time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		time.Date(2026, 3, 4, 5, 6, 7, 1_000, time.UTC),
		time.Date(2026, 3, 4, 5, 6, 7, 999_999_999, time.UTC), // cut, not rounded
		time.Date(2026, 3, 4, 5, 6, 7, 100_000_000, time.UTC),
		time.Date(2026, 3, 4, 1, 30, 0, 0, cairo),       // the day before, in UTC
		time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC),   // an hour that clocks in Europe skip
		time.Date(2026, 10, 29, 21, 30, 0, 0, time.UTC), // an hour that clocks in Cairo repeat
		time.Date(2028, 2, 29, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), // beyond 32 bits of seconds
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Now(),
	} {
		spec := asked(1+i, register(1, 1+i), correct(101, i, 0))
		spec.Origin.At = at
		s.done(t, spec)
	}
}

func writerIDs(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	var ids []domain.ChangeSetID
	for first := 0; first < 256; first += 16 {
		var all domain.ChangeSetID
		for i := range all {
			all[i] = byte(first + i)
		}
		ids = append(ids, all)
	}
	ids = append(ids, []domain.ChangeSetID{ // what text would take for the same
		{0: 'A', 15: ' '}, {0: 'a', 15: ' '}, {0: 'a', 15: 0}, {0: 'a', 15: '\t'}, {0: 0xc3, 1: 0xa4}, {0: 0xc3, 1: 0x84},
		{15: 1}, {0: 1}, {0: 0xff, 15: 0xff},
	}...)
	specOf := func(i int, id domain.ChangeSetID) domain.ChangeSetSpec {
		spec := asked(0, register(1, 1+i))
		spec.ID = id
		return spec
	}
	for i, id := range ids {
		s.done(t, specOf(i, id))
	}
	for i, id := range ids {
		s.replayed(t, specOf(i, id))
	}
}

func writerRequestIDs(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	long := make([]byte, domain.MaxRequestID)
	for i := range long {
		long[i] = byte('!' + i)
	}
	for i, requestID := range []string{"a", "A", " a", "a ", `'"\%s;--?`, string(long), "00000000-0000-7000-8000-000000000000"} {
		spec := asked(1+i, register(1, 1+i))
		spec.Origin.RequestID = requestID
		s.done(t, spec)
	}
}

func writerTaken(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	a := s.done(t, asked(1, register(1, 2)))[0]
	s.done(t, askedIn(6, 2, register(1, 2))) // another block has numbers of its own
	for _, spec := range []domain.ChangeSetSpec{
		asked(3, register(1, 2)),
		asked(3, register(1, 2)), // a refusal is not kept
		asked(4, register(2, 2)),
		asked(6, register(1, 901)), // by an import
		asked(7, register(9, 902)),
		askedIn(5, 8, register(0, 901)),
		askedIn(6, 9, register(300, 2)),
		asked(10, correct(101, unmoved, 2)),
		asked(11, correct(a.ID(), 5, 901)),
	} {
		s.refusedAt(t, spec, refusals{0: domain.NumberTaken})
	}
	s.done(t, asked(3, register(1, 3))) // what was refused may ask for another
}

func writerFreed(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.done(t, asked(1, retire(101)))
	a := s.done(t, asked(2, register(3, 901)))[0]
	s.refusedAt(t, asked(3, restore(101)), refusals{0: domain.NumberTaken})
	s.refusedAt(t, asked(4, retire(101)), refusals{0: domain.AlreadyRetired})
	s.refusedAt(t, asked(5, correct(101, 1, 1)), refusals{0: domain.AlreadyRetired})
	s.refusedAt(t, asked(6, restore(a.ID())), refusals{0: domain.NotRetired})
	for n := range 3 { // a number has any number of retired apartments
		s.done(t, asked(10+2*n, retire(a.ID())))
		a = s.done(t, asked(11+2*n, register(n, 901)))[0]
	}
	s.done(t, asked(20, correct(a.ID(), unmoved, 905)))
	s.done(t, asked(21, restore(101)))
	s.refusedAt(t, asked(22, correct(a.ID(), unmoved, 901)), refusals{0: domain.NumberTaken})
}

func writerUnchanged(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	for range 2 { // it is not kept, so it is never replayed
		s.outcomes(t, asked(1, correct(101, 1, 901)), domain.Unchanged)
		s.outcomes(t, asked(2, correct(101, unmoved, 0), correct(102, 1, 0)), domain.Unchanged, domain.Unchanged)
	}
	s.outcomes(t, asked(3, correct(101, 1, 0), correct(102, 2, 0), correct(101, unmoved, 901)), domain.Unchanged, domain.Done, domain.Unchanged)
	s.outcomes(t, asked(1, correct(101, 2, 0)), domain.Done) // and its id may ask for something else
}

func writerIfAbsent(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.outcomes(t, asked(1, register(1, 901).IfAbsent()), domain.Unchanged)
	s.outcomes(t, asked(2, register(1, 901).IfAbsent(), register(1, 5).IfAbsent(), register(1, 902).IfAbsent()),
		domain.Unchanged, domain.Done, domain.Unchanged)
	s.refusedAt(t, asked(3, register(2, 901).IfAbsent()), refusals{0: domain.NumberTaken}) // on another floor
	s.done(t, asked(4, retire(101)))
	s.outcomes(t, asked(5, register(1, 901).IfAbsent()), domain.Done)
	s.replayed(t, asked(5, register(1, 901).IfAbsent()))
	s.replayed(t, asked(2, register(1, 901).IfAbsent(), register(1, 5).IfAbsent(), register(1, 902).IfAbsent()))
}

func writerNotFound(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	for _, id := range []domain.ApartmentID{1, 99, 103, 104, math.MaxInt64, domain.NoSuchApartment} { // 103 and 104 are in other blocks
		s.refusedAt(t, asked(1, correct(id, 1, 1)), refusals{0: domain.NotFound})
		s.refusedAt(t, asked(1, retire(id)), refusals{0: domain.NotFound})
		s.refusedAt(t, asked(1, restore(id)), refusals{0: domain.NotFound})
		s.refusedAt(t, asked(1, register(1, 1), register(1, 2), retire(id)), refusals{2: domain.NotFound})
	}
	expected := askedIn(99, 1, register(1, 1))
	expected.IfVersion = new(domain.Sequence(5))
	for _, spec := range []domain.ChangeSetSpec{askedIn(99, 1, register(1, 1)), askedIn(math.MaxInt64, 1, retire(101)), expected} {
		s.refused(t, spec, domain.NotFound)
	}
	s.done(t, asked(1, register(1, 1)))
}

func writerApartmentVersion(t *testing.T, s *subject[Filler]) {
	s.update(t, town()) // 101 has version 1, 102 has 2
	s.refusedAt(t, asked(1, correctAt(101, 2, 0, 2)), refusals{0: domain.VersionMismatch})
	s.done(t, asked(1, correctAt(101, 2, 0, 1)))
	s.refusedAt(t, asked(2, correctAt(101, 3, 0, 1)), refusals{0: domain.VersionMismatch})
	s.refusedAt(t, asked(2, must(domain.NewRetire(101, 1)), must(domain.NewRetire(102, 2))), refusals{0: domain.VersionMismatch})
	s.done(t, asked(2, must(domain.NewRetire(101, 3)), must(domain.NewRetire(102, 2))))
	s.refusedAt(t, asked(3, must(domain.NewRestore(101, 3)), must(domain.NewRestore(102, 4))), refusals{0: domain.VersionMismatch, 1: domain.VersionMismatch})
	s.done(t, asked(3, must(domain.NewRestore(101, 4)), must(domain.NewRestore(102, 5))))
	// What counts is the version before the set.
	s.done(t, asked(4, correctAt(101, 5, 0, 6), correctAt(101, unmoved, 77, 6)))
	s.refusedAt(t, asked(5, correctAt(101, 6, 0, 9), correctAt(101, unmoved, 78, 10)), refusals{1: domain.VersionMismatch})
	// It is expected of a change that changes nothing, too.
	s.refusedAt(t, asked(6, correctAt(101, 5, 77, 8)), refusals{0: domain.VersionMismatch})
}

func writerBlockVersion(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.update(t, application.Changes{At: noon, NewBlocks: []domain.Block{block(9, "", domain.BlockActive)}})
	at := func(version domain.Sequence, spec domain.ChangeSetSpec) domain.ChangeSetSpec {
		spec.IfVersion = &version
		return spec
	}
	for _, version := range []domain.Sequence{0, 1, 3, math.MaxInt64} {
		s.refused(t, at(version, asked(1, register(1, 1))), domain.VersionMismatch)
		s.refused(t, at(version, asked(1, register(1, 901), retire(99))), domain.VersionMismatch) // said alone
	}
	s.done(t, at(2, asked(1, register(1, 1), register(1, 2))))
	s.refused(t, at(2, asked(2, register(1, 3))), domain.VersionMismatch)
	s.replayed(t, at(2, asked(1, register(1, 1), register(1, 2)))) // said first
	s.done(t, at(4, asked(2, register(1, 3))))
	s.done(t, at(0, askedIn(9, 3, register(1, 1))))
}

func writerAmongIDs(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	s.done(t, asked(1, register(1, 1)))
	for i, imported := range []domain.ApartmentID{500, 1 << 53, 3, application.MaxImportedApartmentID, 1<<53 + 1, 4} { // in no order, with gaps
		// The store may have given that id to a registration: an import sees it, and takes another.
		if _, used := s.model.blockOf[imported]; !used {
			s.update(t, changeSets(application.Changes{At: noon, NewApartments: []domain.Apartment{apartment(imported, 6, 0, 100+i)}}))
		}
		s.done(t, asked(10+2*i, register(1, 10+3*i)))
		s.done(t, asked(11+2*i, register(1, 11+3*i), register(1, 12+3*i)))
	}
}

func writerGone(t *testing.T, s *subject[Filler]) {
	s.update(t, town())
	first, fresh := asked(1, register(1, 2)), asked(2, register(1, 3))
	s.done(t, first)
	// None of them has an answer to give: not that it is written, and not that it was.
	for _, spec := range []domain.ChangeSetSpec{
		fresh, first, asked(1, register(1, 9)), asked(9, register(1, 2)), asked(10, register(1, 10), retire(101)), askedIn(99, 11, register(1, 1)),
	} {
		set := must(domain.NewChangeSet(spec))
		for _, call := range []func(context.Context, domain.ChangeSet) (domain.Applied, error){s.Store.Apply, s.Store.DryRun} {
			wantUnavailable(t, func(ctx context.Context) error {
				got, err := call(ctx, set)
				if len(got.Changes) > 0 {
					t.Errorf("set %s: %+v", set.ID(), got)
				}
				return err
			})
		}
	}
	s.wantKept(t)
	s.done(t, fresh)
}
