package registerfile_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// FuzzRead proves that no file makes the reader panic, that every row that it accepts would be accepted by the domain,
// that rows and faults are within the file, and that a fault is one short line of clean text.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", "blocks:\n", "\ufeffblocks: []\r\n", "---\nblocks: []\n---\n",
		"blocks:\n  - {id: 4, name: Block 4, status: active}\n  - {id: 5, status: suspended}\n",
		"apartments:\n  - {id: 1, block: 4, floor: -20, number: 999999, status: retired}\n  - {id: 0x10, block: 1_0, floor: 301, number: 0}\n",
		"memberships:\n  - user: 7\n    block: 4\n    apartment:\n    role: manager\n    status: active\n",
		`{"blocks": [{"id": 4, "name": "B\u0000", "status": "active"}], "apartments": [{"id": 1, "block": 4, "floor": 1, "number": 1}]}`,
		`{"memberships": [{"user": 7, "block": 4, "apartment": null, "role": "resident", "status": "banned"}, 4, [], {"user": 1e3}]}`,
		"blocks: &a [*a]\nx: {<<: *a}\n", "blocks: [!!int 4, ! 5, {!x id: 4}]", "? [a]\n: - b\n", "a: |\n  b\n#c\n- d", "[[[[", "{\"a\":[[[",
		"blocks: [{id: 9223372036854775808, status: \"\\x07\"}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := registerfile.Read(strings.NewReader(text))
		if err != nil {
			if err.Error() == "" || file != nil {
				t.Fatalf("error %q with the file %v", err, file)
			}
			return
		}
		register, faults := content(file)
		last := 1 + len(text)
		check := func(line int, what any, err error) {
			if line < 1 || line > last || err != nil {
				t.Fatalf("line %d of %d: %v: %v", line, last, what, err)
			}
		}
		blockLines, apartmentLines, membershipLines := lines(file, application.SectionBlocks), lines(file, application.SectionApartments), lines(file, application.SectionMemberships)
		for i, b := range register.Blocks {
			again, err := domain.NewBlock(b.ID(), b.Name(), b.Status())
			check(blockLines[i], b, err)
			equal(t, "block", b, again)
		}
		for i, a := range register.Apartments {
			_, err := domain.NewFloor(int64(a.Floor().Level()))
			check(apartmentLines[i], a, err)
			_, err = domain.NewNumber(int64(a.Number().Int()))
			check(apartmentLines[i], a, err)
			_, err = domain.ParseApartmentStatus(string(a.Status()))
			check(apartmentLines[i], a, err)
			again, err := domain.NewApartment(a.Block(), a.Floor(), a.Number())
			check(apartmentLines[i], a, err)
			equal(t, "apartment", a, again.WithID(a.ID()).WithStatus(a.Status()))
		}
		if len(faults) == 0 {
			checkWritten(t, register)
		}
		for i, m := range register.Memberships {
			again, err := domain.NewMembership(m.User(), m.Block(), m.Apartment(), m.Role(), m.Status())
			check(membershipLines[i], m, err)
			equal(t, "membership", m, again)
		}
		for _, fault := range faults {
			check(fault.Line, fault.Problem, nil)
			unclean := strings.ContainsFunc(fault.Problem, func(r rune) bool { return !unicode.IsPrint(r) })
			if fault.Problem == "" || unclean || !utf8.ValidString(fault.Problem) || len(fault.Problem) > 1000 {
				t.Fatalf("fault %q", fault.Problem)
			}
		}
	})
}
