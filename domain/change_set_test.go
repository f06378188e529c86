package domain_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/domain"
)

func TestNewChangeSet(t *testing.T) {
	spec := specOf("register 0/12; retire 1")
	spec.Origin = domain.Origin{By: 7, Through: 3, Location: inCairo, At: aTime, Source: domain.SourceApp, RequestID: strings.Repeat("r", domain.MaxRequestID)}
	for _, source := range []domain.Source{domain.SourceApp, domain.SourceAPI, domain.SourceUndo} {
		spec.Origin.Source = source
		s, err := domain.NewChangeSet(spec)
		if err != nil || s.ID() != anID || s.Block() != 4 || !slices.Equal(s.Changes(), spec.Changes) || s.Origin() != spec.Origin {
			t.Errorf("set %+v, %v", s, err)
		}
	}
	spec.Changes = slices.Repeat(changesOf("retire 1"), domain.MaxChanges)
	if _, err := domain.NewChangeSet(spec); err != nil {
		t.Errorf("as many changes as there may be: %v", err)
	}
}

func TestNewChangeSetRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(*domain.ChangeSetSpec)
		field  domain.Field
		code   domain.Code
	}{
		{func(s *domain.ChangeSetSpec) { s.ID = domain.ChangeSetID{} }, domain.FieldChangeSet, domain.Missing},
		{func(s *domain.ChangeSetSpec) { s.Block = 0 }, domain.FieldBlock, domain.NotPositive},
		{func(s *domain.ChangeSetSpec) { s.Block = domain.NoSuchBlock }, domain.FieldBlock, domain.NotPositive},
		{func(s *domain.ChangeSetSpec) { s.Changes = nil }, domain.FieldChanges, domain.Missing},
		{func(s *domain.ChangeSetSpec) { s.Changes = append(s.Changes, domain.Change{}) }, domain.FieldChanges, domain.Missing},
		{func(s *domain.ChangeSetSpec) {
			s.Changes = slices.Repeat(changesOf("retire 1"), domain.MaxChanges+1)
		}, domain.FieldChanges, domain.TooLong},
		{func(s *domain.ChangeSetSpec) { s.Origin.By = 0 }, domain.FieldUser, domain.NotPositive},
		{func(s *domain.ChangeSetSpec) { s.Origin.Through = domain.NoSuchApartment }, domain.FieldApartment, domain.NotPositive},
		{func(s *domain.ChangeSetSpec) { s.Origin.At = time.Time{} }, domain.FieldTime, domain.Missing},
		{func(s *domain.ChangeSetSpec) { s.Origin.RequestID = strings.Repeat("r", domain.MaxRequestID+1) }, domain.FieldRequest, domain.TooLong},
		{func(s *domain.ChangeSetSpec) { s.Origin.Source = "" }, domain.FieldSource, domain.Missing},
		{func(s *domain.ChangeSetSpec) { s.Origin.Source = "fax" }, domain.FieldSource, domain.NotKnown},
		// Imports are in the ledger alone.
		{func(s *domain.ChangeSetSpec) { s.Origin.Source = domain.SourceImport }, domain.FieldSource, domain.NotKnown},
	} {
		spec := specOf("register 0/12; retire 1")
		c.change(&spec)
		s, err := domain.NewChangeSet(spec)
		wantField(t, err, c.field, c.code)
		if s.ID() != (domain.ChangeSetID{}) || s.Block() != 0 || s.Changes() != nil || s.Asked() != (domain.Digest{}) {
			t.Errorf("a set beside an error: %+v", s)
		}
	}
}

// Stores keep microseconds: what was written must be what is read.
func TestTheTimeOfAChangeSetIsUTCCutToMicroseconds(t *testing.T) {
	cairo := time.FixedZone("Cairo", 2*60*60)
	at := func(at time.Time) time.Time {
		spec := specOf("retire 1")
		spec.Origin.At = at
		return must(domain.NewChangeSet(spec)).Origin().At
	}
	for _, c := range []struct{ at, want time.Time }{
		{time.Date(2026, 3, 4, 5, 6, 7, 123_456_789, cairo), time.Date(2026, 3, 4, 3, 6, 7, 123_456_000, time.UTC)},
		{time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(2026, 12, 31, 23, 59, 59, 999_999_000, time.UTC)},
		{time.Date(2027, 1, 1, 0, 0, 0, 1_000, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 1_000, time.UTC)},
	} {
		// == compares the zone too, and the monotonic reading that a clock adds.
		if got := at(c.at); got != c.want {
			t.Errorf("%s became %s, want %s", c.at, got, c.want)
		}
	}
	if got := at(time.Now()); got != got.Round(0) {
		t.Errorf("%s keeps a monotonic reading", got)
	}
	if domain.Precision != time.Microsecond {
		t.Errorf("precision %s", domain.Precision)
	}
}

func TestRegistersOne(t *testing.T) {
	for changes, want := range map[string]bool{
		"register 0/12":                true,
		"register 0/12 ifAbsent":       false,
		"register 0/12; register 0/13": false,
		"correct 1 0/12":               false,
		"retire 1":                     false,
		"restore 1":                    false,
	} {
		if got := setOf(changes).RegistersOne(); got != want {
			t.Errorf("%s: %t", changes, got)
		}
	}
	spec := specOf("register 0/12")
	spec.IfVersion = new(domain.Sequence(0))
	if must(domain.NewChangeSet(spec)).RegistersOne() {
		t.Error("a registration at one version of the block is taken for one on no condition")
	}
}

// What a store has to read for a set: the apartments that it names, and who has the numbers that it gives.
func TestApartmentsAndNumbersOfAChangeSet(t *testing.T) {
	for _, c := range []struct {
		changes, kept string
		apartments    []domain.ApartmentID
		numbers       []int
	}{
		{"register 0/12; register 1/13 ifAbsent", "", nil, []int{12, 13}},
		{"correct 2 /12; correct 1 /11; correct 2 5/", "1 0/12; 2 0/11", []domain.ApartmentID{2, 1}, []int{12, 11}},
		{"retire 1", "1 0/12", []domain.ApartmentID{1}, nil},
		{"restore 1; retire 2", "1 0/12 retired; 2 0/13", []domain.ApartmentID{1, 2}, []int{12}},
		{"restore 1; register 0/12; restore 3", "1 0/12 retired; 3 0/14 retired", []domain.ApartmentID{1, 3}, []int{12, 14}},
		{"restore 9; correct 9 3/", "", []domain.ApartmentID{9}, nil},
	} {
		s := setOf(c.changes)
		if got := s.Apartments(); !slices.Equal(got, c.apartments) {
			t.Errorf("%s: apartments %v", c.changes, got)
		}
		var numbers []int
		for _, n := range s.Numbers(apartmentsOf(c.kept)) {
			numbers = append(numbers, n.Int())
		}
		if !slices.Equal(numbers, c.numbers) {
			t.Errorf("%s: numbers %v", c.changes, numbers)
		}
	}
}

// A lone change is told by its entry in the ledger. All others have a digest, of what was asked for and nothing else.
func TestTheDigestOfAChangeSet(t *testing.T) {
	for _, lone := range []string{"register 0/12", "correct 1 0/12", "retire 1", "restore 1"} {
		if asked := setOf(lone).Asked(); asked != (domain.Digest{}) {
			t.Errorf("%s: digest %x", lone, asked)
		}
	}
	seen := map[domain.Digest]string{}
	for _, several := range []string{
		"register 0/12; register 0/13", "register 0/13; register 0/12", "register 1/12; register 0/13", "register 0/12; register 0/13 ifAbsent",
		"register 0/12; register 0/13; register 0/14", "retire 1; retire 2", "restore 1; restore 2", "retire 1; retire 3",
		"correct 1 0/12; retire 2", "correct 1 /12; retire 2", "correct 1 0/; retire 2", "correct 1 /; retire 2", "correct 12 0/1; retire 2",
	} {
		asked := setOf(several).Asked()
		if other, same := seen[asked]; same || asked == (domain.Digest{}) {
			t.Errorf("%s: the digest of %q", several, other)
		}
		seen[asked] = several
		again := specOf(several)
		again.ID, again.Origin, again.IfVersion = domain.ChangeSetID{9}, domain.Origin{By: 8, At: aTime, Source: domain.SourceApp}, new(domain.Sequence(3))
		if got := must(domain.NewChangeSet(again)).Asked(); got != asked {
			t.Errorf("%s: another digest for another caller", several)
		}
	}
}

func TestTheDigestOfAnUndo(t *testing.T) {
	one, two := domain.ChangeSetID{1}, domain.ChangeSetID{2}
	undo := func(undone domain.ChangeSetID, changes string) domain.Digest {
		spec := specOf(changes)
		spec.Undoes = undone
		return must(domain.NewChangeSet(spec)).Asked()
	}
	if undo(one, "retire 1") != domain.UndoDigest(one) || undo(one, "retire 1; retire 2") != domain.UndoDigest(one) {
		t.Error("the digest of an undo tells its changes, which depend on when it is asked")
	}
	if undo(two, "retire 1") == domain.UndoDigest(one) || domain.UndoDigest(two) == (domain.Digest{}) {
		t.Error("undoing another set is the same")
	}
}
