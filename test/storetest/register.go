package storetest

import (
	"errors"
	"math"
	"testing"
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// registerPromises are those of application.Registrar to one caller at a time.
var registerPromises = []promise{
	{"the apartment and one row of the log, column by column", registerBothRows},
	{"what was not given is absent, and 0 is not absent", registerAbsent},
	{"coordinates are kept as they are", registerCoordinates},
	{"floors, numbers and ids are kept to their limits", registerLimits},
	{"times are kept in UTC, to the microsecond", registerTimes},
	{"a registration's id is any 16 bytes", registerIDs},
	{"a number is in a block once, whatever the floor", registerTaken},
	{"a registration that is known is not written again", registerReplayed},
	{"a registration's id is not used for another place, which is said before the number is taken", registerReused},
	{"nothing is written for a caller who is gone", registerGone},
	{"apartments get ids of their own, whatever ids are there", registerAmongIDs},
}

// wantAllRegistered registers and checks each answer, and then every row.
func wantAllRegistered(t *testing.T, s Subject, asks []ask) {
	t.Helper()
	all := registrations(asks)
	for _, r := range all {
		wantRegister(t, s, r, application.Registered, nil)
	}
	wantRegistrations(t, s, all...)
}

func registerBothRows(t *testing.T, s Subject) {
	update(t, s, town())
	wantAllRegistered(t, s, []ask{
		{id: id(1), user: 7, block: 4, floor: -1, number: 2, through: 101, where: location(new(31.25), new(30.05)), at: noon},
		{id: id(2), user: 7, block: 6, floor: 3, number: 2, at: noon.Add(time.Second)},
		// Whether the user may is not the store's to judge, and neither is the block's status.
		{id: id(3), user: 99, block: 5, floor: 0, number: 2, through: 99},
	})
}

func registerAbsent(t *testing.T, s Subject) {
	update(t, s, town())
	zero := 0.0
	wantAllRegistered(t, s, []ask{
		{id: id(1), number: 1},
		{id: id(2), number: 2, where: location(&zero, nil)},
		{id: id(3), number: 3, where: location(nil, &zero)},
		{id: id(4), number: 4, where: location(&zero, &zero)},
		{id: id(5), number: 5, where: location(new(31.25), nil)},
		{id: id(6), number: 6, where: location(nil, new(30.05))},
		{id: id(7), number: 7, through: 101},
	})
}

func registerCoordinates(t *testing.T, s Subject) {
	update(t, s, town())
	var asks []ask
	for i, c := range [][2]float64{
		{180, 90}, {-180, -90}, {1, -1},
		{0.1, 0.2}, {1.0 / 3, -2.0 / 3},
		{31.235711600000002, 30.044419899999998}, // more digits than a device has, and than 15
		{math.Nextafter(180, 0), math.Nextafter(-90, 0)},
		{math.Nextafter(31.25, 32), math.Nextafter(30, 29)},
		{math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64},
		{0x1p-1022, 1e-300}, {1e-5, 123e-7},
	} {
		asks = append(asks, ask{id: id(i + 1), number: int64(i + 1), where: location(&c[0], &c[1])})
	}
	wantAllRegistered(t, s, asks)
}

func registerLimits(t *testing.T, s Subject) {
	const beyondDoubles = 1<<53 + 1
	blocks := application.Changes{At: noon, NewBlocks: []domain.Block{
		block(4, "", domain.BlockActive), block(math.MaxInt64, "", domain.BlockActive), block(beyondDoubles, "", domain.BlockActive),
	}}
	update(t, s, blocks)
	wantAllRegistered(t, s, []ask{
		{id: id(1), floor: domain.MinFloor, number: domain.MinNumber},
		{id: id(2), floor: domain.MaxFloor, number: domain.MaxNumber},
		{id: id(3), user: 1, number: 3, through: 1},
		{id: id(4), user: math.MaxInt64, block: math.MaxInt64, number: domain.MaxNumber, through: math.MaxInt64},
		{id: id(5), user: math.MaxInt64 - 1, block: math.MaxInt64, number: domain.MinNumber, through: math.MaxInt64 - 1},
		{id: id(6), user: beyondDoubles, block: beyondDoubles, number: 4, through: beyondDoubles},
	})
}

func registerTimes(t *testing.T, s Subject) {
	update(t, s, town())
	cairo := time.FixedZone("Cairo", 3*60*60)
	var asks []ask
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
		asks = append(asks, ask{id: id(i + 1), number: int64(i + 1), at: at})
	}
	wantAllRegistered(t, s, asks)
}

func registerIDs(t *testing.T, s Subject) {
	update(t, s, town())
	var asks []ask
	for first := 0; first < 256; first += 16 {
		var all domain.RegistrationID
		for i := range all {
			all[i] = byte(first + i)
		}
		asks = append(asks, ask{id: all, number: int64(1 + first)})
	}
	// What text would take for the same.
	for i, like := range []domain.RegistrationID{
		{0: 'A', 15: ' '}, {0: 'a', 15: ' '}, {0: 'a', 15: 0}, {0: 'a', 15: '\t'}, {0: 0xc3, 1: 0xa4}, {0: 0xc3, 1: 0x84},
		{15: 1}, {0: 1}, {0: 0xff, 15: 0xff},
	} {
		asks = append(asks, ask{id: like, number: int64(1001 + i)})
	}
	wantAllRegistered(t, s, asks)
	for _, r := range registrations(asks) {
		wantRegister(t, s, r, application.Replayed, nil)
	}
	wantRegistrations(t, s, registrations(asks)...)
}

func registerTaken(t *testing.T, s Subject) {
	update(t, s, town())
	first := ask{id: id(1), floor: 1, number: 2}.registration()
	other := ask{id: id(2), block: 6, floor: 1, number: 2}.registration() // another block has numbers of its own
	wantRegister(t, s, first, application.Registered, nil)
	wantRegister(t, s, other, application.Registered, nil)
	for _, a := range []ask{
		{id: id(3), floor: 1, number: 2},
		{id: id(3), floor: 1, number: 2}, // a refusal is not kept
		{id: id(4), floor: 2, number: 2},
		{id: id(5), user: 8, floor: -20, number: 2, at: noon.Add(time.Hour)},
		{id: id(6), floor: 1, number: 901}, // by an import
		{id: id(7), floor: 9, number: 902},
		{id: id(8), block: 5, number: 901},
		{id: id(9), block: 6, floor: 300, number: 2},
	} {
		wantRegister(t, s, a.registration(), 0, domain.NumberTaken)
	}
	wantRegistrations(t, s, first, other)
	again := ask{id: id(3), floor: 1, number: 3}.registration() // what was refused may ask for another
	wantRegister(t, s, again, application.Registered, nil)
	wantRegistrations(t, s, first, other, again)
}

func registerReplayed(t *testing.T, s Subject) {
	update(t, s, town())
	first := ask{id: id(1), floor: 1, number: 2, through: 101, where: location(new(31.25), nil)}
	next := ask{id: id(2), floor: 1, number: 3}
	wantRegister(t, s, first.registration(), application.Registered, nil)
	wantRegister(t, s, first.registration(), application.Replayed, nil)
	wantRegister(t, s, next.registration(), application.Registered, nil)
	for range 3 {
		wantRegister(t, s, first.registration(), application.Replayed, nil)
	}
	// The place alone tells whether it is the same. What else the caller says now is not kept.
	elsewhere := ask{id: id(1), user: 8, floor: 1, number: 2, where: location(nil, new(1.0)), at: noon.Add(time.Hour)}
	wantRegister(t, s, elsewhere.registration(), application.Replayed, nil)
	// The block may have been suspended since; that is not the store's to judge.
	update(t, s, application.Changes{ChangedBlocks: []domain.Block{block(4, "", domain.BlockSuspended)}})
	wantRegister(t, s, first.registration(), application.Replayed, nil)
	wantRegistrations(t, s, first.registration(), next.registration())
}

func registerReused(t *testing.T, s Subject) {
	update(t, s, town())
	first := ask{id: id(1), floor: 1, number: 2}.registration()
	next := ask{id: id(2), floor: 1, number: 3}.registration()
	wantRegister(t, s, first, application.Registered, nil)
	wantRegister(t, s, next, application.Registered, nil)
	for _, a := range []ask{
		{id: id(1), floor: 1, number: 4},           // a free number
		{id: id(1), floor: 2, number: 2},           // its own number on another floor: taken, by itself
		{id: id(1), floor: 1, number: 3},           // a number that another registration has
		{id: id(1), floor: 1, number: 901},         // a number that an import brought
		{id: id(1), block: 6, floor: 1, number: 2}, // another block
		{id: id(1), block: 6, floor: -1, number: 901},
		{id: id(2), floor: 1, number: 2}, // the later one asks for the number of the earlier
		{id: id(2), user: 99, floor: 1, number: 2},
	} {
		wantRegister(t, s, a.registration(), 0, domain.KeyReused)
	}
	wantRegistrations(t, s, first, next)
}

func registerGone(t *testing.T, s Subject) {
	update(t, s, town())
	first := ask{id: id(1), number: 2}.registration()
	wantRegister(t, s, first, application.Registered, nil)
	fresh := ask{id: id(2), number: 3}.registration()
	for what, ctx := range endedContexts(t) {
		// None of them has an answer to give: not that it is written, and not that it was.
		for _, r := range []domain.Registration{fresh, first, ask{id: id(1), number: 9}.registration(), ask{id: id(9), number: 2}.registration()} {
			if outcome, err := s.Register(ctx, r); outcome != 0 || !errors.Is(err, domain.StoreUnavailable) {
				t.Errorf("%s: outcome %d, %v", what, outcome, err)
			}
		}
	}
	wantRegistrations(t, s, first)
	wantRegister(t, s, fresh, application.Registered, nil)
}

func registerAmongIDs(t *testing.T, s Subject) {
	high := application.MaxImportedApartmentID
	var all []domain.Registration
	next := func(number int64) {
		t.Helper()
		r := ask{id: id(int(number)), number: number}.registration()
		wantRegister(t, s, r, application.Registered, nil)
		all = append(all, r)
	}
	changes := town()
	update(t, s, changes)
	next(1)
	for i, imported := range []domain.ApartmentID{500, 1 << 53, 3, high, 1<<53 + 1, 4} { // in no order, with gaps
		// The store may have given that id to a registration: an import sees it, and takes another.
		plan := func(kept application.Kept) (application.Changes, error) {
			if len(kept.Apartments) > 0 {
				return application.Changes{}, nil
			}
			return application.Changes{At: noon, NewApartments: []domain.Apartment{apartment(imported, 6, 0, int64(100+i))}}, nil
		}
		if err := s.UpdateRegister(t.Context(), application.Scope{Apartments: []domain.ApartmentID{imported}}, plan, nil); err != nil {
			t.Fatalf("apartment %d: %v", imported, err)
		}
		next(int64(10 + 2*i))
		next(int64(11 + 2*i))
	}
	wantRegistrations(t, s, all...)
}
