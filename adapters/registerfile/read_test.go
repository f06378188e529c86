package registerfile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"go.yaml.in/yaml/v3"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

const fixturePath = "../../test/e2e/testdata/fixture.yaml"

func fixture(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(fixturePath)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// read reads a file that has no faults.
func read(t *testing.T, text string) *registerfile.File {
	t.Helper()
	file, err := registerfile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Register(); err != nil {
		t.Fatalf("faults:\n%v", err)
	}
	return file
}

// content returns the rows of a file that have no fault, and the faults.
func content(file *registerfile.File) (application.Register, registerfile.Faults) {
	register, err := file.Register()
	faults, _ := errors.AsType[registerfile.Faults](err)
	return register, faults
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func block(id int64, name string, status domain.BlockStatus) domain.Block {
	return must(domain.NewBlock(domain.BlockID(id), name, status))
}

func apartment(id, block, floor, number int64) domain.Apartment {
	built := must(domain.NewApartment(domain.BlockID(block), must(domain.NewFloor(floor)), must(domain.NewNumber(number))))
	return built.WithID(domain.ApartmentID(id))
}

func membership(user, block, apartment int64, role domain.Role, status domain.MembershipStatus) domain.Membership {
	return must(domain.NewMembership(domain.UserID(user), domain.BlockID(block), domain.ApartmentID(apartment), role, status))
}

// lines returns the lines of a section's rows.
func lines(file *registerfile.File, section application.Section) []int {
	register, _ := content(file)
	counts := map[application.Section]int{application.SectionBlocks: len(register.Blocks),
		application.SectionApartments: len(register.Apartments), application.SectionMemberships: len(register.Memberships)}
	var all []int
	for i := range counts[section] {
		all = append(all, file.Line(application.RowRef{Section: section, Index: i}))
	}
	return all
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// The register that the fixture holds.
var (
	fixtureBlocks = []domain.Block{
		block(4, "Block 4", domain.BlockActive), block(5, "Block 5", domain.BlockSuspended),
		block(6, "Block 6", domain.BlockActive), block(8, "Block 8", domain.BlockActive),
	}
	fixtureApartments = []domain.Apartment{
		apartment(1, 4, 1, 1), apartment(2, 4, 1, 3), apartment(3, 6, 0, 10), apartment(4, 8, 2, 21), apartment(5, 5, 1, 1),
	}
	fixtureMemberships = []domain.Membership{
		membership(7, 4, 1, domain.RoleManager, domain.MembershipActive),
		membership(8, 4, 2, domain.RoleResident, domain.MembershipActive),
		membership(9, 4, 2, domain.RoleManager, domain.MembershipPending),
		membership(10, 6, 3, domain.RoleManager, domain.MembershipActive),
		membership(10, 8, 4, domain.RoleManager, domain.MembershipActive),
		membership(11, 6, 3, domain.RoleManager, domain.MembershipBanned),
		membership(12, 5, 5, domain.RoleManager, domain.MembershipActive),
		membership(13, 4, 0, domain.RoleManager, domain.MembershipActive),
		membership(14, 4, 1, domain.RoleManager, domain.MembershipActive),
		membership(14, 4, 2, domain.RoleResident, domain.MembershipActive),
		membership(15, 4, 2, domain.RoleCashier, domain.MembershipActive),
		membership(16, 8, 4, domain.RoleManager, domain.MembershipActive),
		membership(16, 8, 0, domain.RoleManager, domain.MembershipActive),
	}
)

func TestReadFixture(t *testing.T) {
	asYAML := string(fixture(t))
	var tree any
	if err := yaml.Unmarshal([]byte(asYAML), &tree); err != nil {
		t.Fatal(err)
	}
	asJSON := string(must(json.MarshalIndent(tree, "", "  ")))
	for name, text := range map[string]string{
		"YAML":                        asYAML,
		"YAML, Windows's line ends":   strings.ReplaceAll(asYAML, "\n", "\r\n"),
		"YAML, a byte order mark":     "\ufeff" + asYAML,
		"YAML, a marked document":     "---\n" + asYAML + "...\n",
		"JSON":                        asJSON,
		"JSON in one line":            string(must(json.Marshal(tree))),
		"JSON after a mark and space": "\ufeff \r\n\t" + strings.ReplaceAll(asJSON, "\n", "\r\n") + "\n\n",
		"JSON read as YAML":           "# a comment\n" + asJSON,
	} {
		t.Run(name, func(t *testing.T) {
			register, _ := content(read(t, text))
			equal(t, "blocks", register.Blocks, fixtureBlocks)
			equal(t, "apartments", register.Apartments, fixtureApartments)
			equal(t, "memberships", register.Memberships, fixtureMemberships)
		})
	}

	file := read(t, asYAML)
	equal(t, "lines of blocks", lines(file, application.SectionBlocks), []int{3, 4, 5, 6})
	equal(t, "lines of apartments", lines(file, application.SectionApartments), []int{8, 9, 10, 11, 12})
	equal(t, "lines of memberships", lines(file, application.SectionMemberships), []int{14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26})
}

func TestReadRows(t *testing.T) {
	tests := []struct {
		name, text string
		want       application.Register
		lines      []int // of the rows, which are in one section
	}{
		{"rows over several lines, in YAML", "apartments:\n\n  - id: 1\n    block: 2\n    floor: -20\n    number: 999999\n" +
			"  -\n    number: 1\n    floor: 300\n    block: 9223372036854775807\n    id: 9223372036854775807\n",
			application.Register{Apartments: []domain.Apartment{
				apartment(1, 2, -20, 999999), apartment(1<<63-1, 1<<63-1, 300, 1)}}, []int{3, 8}},
		{"rows over several lines, in JSON", "{\n\"apartments\" :\n\n[{\n\"id\":1,\n\"block\":2,\"floor\":0,\"number\":3},\n\n" +
			"{\"id\":9007199254740993,\"block\":2,\"floor\":0,\"number\":4}, {\"id\":5,\"block\":2,\"floor\":0,\"number\":5\n}]}",
			application.Register{Apartments: []domain.Apartment{
				apartment(1, 2, 0, 3), apartment(9007199254740993, 2, 0, 4), apartment(5, 2, 0, 5)}}, []int{4, 8, 8}},
		{"names, and none", "blocks:\n- {id: 1, status: active}\n- {id: 2, name: null, status: active}\n- {id: 3, name: , status: active}\n" +
			"- {id: 4, name: \"12\", status: 'suspended'}\n- {id: 5, name: برج النيل, status: active}\n- {id: 6, name: 2024-01-01, status: active}\n" +
			"- {id: 7, name: <<, status: active}\n- {id: 8, name: " + strings.Repeat("é", domain.MaxBlockName) + ", status: active}\n",
			application.Register{Blocks: []domain.Block{
				block(1, "", domain.BlockActive), block(2, "", domain.BlockActive),
				block(3, "", domain.BlockActive), block(4, "12", domain.BlockSuspended),
				block(5, "برج النيل", domain.BlockActive), block(6, "2024-01-01", domain.BlockActive),
				block(7, "<<", domain.BlockActive), block(8, strings.Repeat("é", domain.MaxBlockName), domain.BlockActive)}}, []int{2, 3, 4, 5, 6, 7, 8, 9}},
		{"apartment or none, sections empty and in any order",
			"memberships:\n- {user: 1, block: 2, role: board_member, status: active}\n- {user: 1, block: 2, apartment: ~, role: watchman, status: active}\n" +
				"blocks: []\napartments:\n",
			application.Register{Memberships: []domain.Membership{
				membership(1, 2, 0, domain.RoleBoardMember, domain.MembershipActive),
				membership(1, 2, 0, domain.RoleWatchman, domain.MembershipActive)}}, []int{2, 3}},
		{"the same in JSON", `{"memberships": [{"user": 1, "block": 2, "apartment": null, "role": "manager", "status": "active"}], "blocks": null, "apartments": []}`,
			application.Register{Memberships: []domain.Membership{
				membership(1, 2, 0, domain.RoleManager, domain.MembershipActive)}}, []int{1}},
		{"apartments in use and retired",
			"apartments:\n- {id: 1, block: 2, floor: 0, number: 1, status: retired}\n- {id: 2, block: 2, floor: 0, number: 1, status: registered}\n" +
				"- {id: 3, block: 2, floor: 0, number: 2, status: ~}\n",
			application.Register{Apartments: []domain.Apartment{
				apartment(1, 2, 0, 1).WithStatus(domain.ApartmentRetired), apartment(2, 2, 0, 1), apartment(3, 2, 0, 2)}}, []int{2, 3, 4}},
		{"an anchor that nothing refers to", "blocks:\n- &b {id: 1, status: &s active}\n",
			application.Register{Blocks: []domain.Block{block(1, "", domain.BlockActive)}}, []int{2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := read(t, test.text)
			register, _ := content(file)
			equal(t, "register", register, test.want)
			equal(t, "lines", slices.Concat(lines(file, application.SectionBlocks), lines(file, application.SectionApartments), lines(file, application.SectionMemberships)), test.lines)
		})
	}
}

func TestReadRefusesFile(t *testing.T) {
	const wanted = "it must be a mapping of blocks, apartments and memberships, each a list of rows, " +
		"such as blocks: [{id: 4, name: Block 4, status: active}]"
	deep := strings.Repeat("[", 200_000)
	tests := []struct{ name, text, want string }{
		{"nothing", "", "the file has no rows: " + wanted},
		{"a byte order mark", "\ufeff", "the file has no rows: " + wanted},
		{"a comment", "# blocks\n", "the file has no rows: " + wanted},
		{"null", "---\nnull\n", "the file has no rows: " + wanted},
		{"no rows in YAML", "blocks: []\napartments:\n", "the file has no rows: " + wanted},
		{"no rows in JSON", "{}", "the file has no rows: " + wanted},
		{"a YAML list", "- {id: 4}\n", "line 1: the file is a list: " + wanted},
		{"a YAML text", "\nblocks", `line 2: the file is the text "blocks": ` + wanted},
		{"a tagged mapping", "!register {blocks: []}", `line 1: the file is a value tagged "!register": leave the tag out: ` + wanted},
		{"a JSON list", "\n[1]", "line 2: the file is a list: " + wanted},
		{"two documents", "blocks: []\n---\nblocks: []\n", "line 2: a second document begins: keep one register in a file"},
		{"a second document that is not YAML", "blocks: []\n---\n- {\n", "line 3: not valid YAML: did not find expected node content"},
		{"more after JSON", "{\"blocks\": []}\n{}", "line 2: the file goes on after the end of its mapping: keep one register in a file"},
		{"more after JSON that is none", "{\"blocks\": []}\n\n}", "line 3: the file goes on after the end of its mapping: keep one register in a file"},

		{"YAML, a brace not closed in the first line", "a: {b: 1", "line 1: not valid YAML: did not find expected ',' or '}'"},
		{"YAML, a brace not closed", "blocks:\n  - {id: 4}\n  - {id: 5\n", "line 3: not valid YAML: did not find expected ',' or '}'"},
		{"YAML, a row outdented", "blocks:\n  - {id: 4}\n - {id: 5}\n", "line 3: not valid YAML: did not find expected key"},
		{"YAML, a bare bracket", "a: 1\n\n\n}\n", "line 4: not valid YAML: did not find expected key"},
		{"YAML, two colons", "blocks:\n  - id: 4\n    name: a: b\n", "line 3: not valid YAML: mapping values are not allowed in this context"},
		{"YAML, a key without its colon", "a: 1\nb\nc: 2\n", "line 2: not valid YAML: could not find expected ':'"},
		{"YAML, an alias of nothing", "a: *" + strings.Repeat("x", 100), "not valid YAML: unknown anchor '" + strings.Repeat("x", 44) + "…"},
		{"YAML nested deep", "a: " + deep, "not valid YAML: exceeded max depth of 10000"},

		{"JSON with a comma too many", "{\"blocks\": [\n{\"id\": 4},\n]}", "line 3: not valid JSON: invalid character ']' looking for beginning of value"},
		{"JSON with a comma too few", "{\"blocks\": [\n{\"id\": 4}\n\n{\"id\": 5}]}", "line 4: not valid JSON: invalid character '{' after array element"},
		{"JSON with an octal", "{\"blocks\": [\n{\"id\": 04}]}", "line 2: not valid JSON: invalid character '4' after object key:value pair"},
		{"JSON with a key that is no text", "{\n4: []}", "line 2: not valid JSON: invalid character '4'"},
		{"JSON crossed", "{\"blocks\": [\n{\"id\": 4]}", "line 2: not valid JSON: invalid character ']' after object key:value pair"},
		{"JSON cut short", "{\"blocks\": [\n{\"id\": 4}\n", "line 3: not valid JSON: the file ends before its last bracket is closed"},
		{"JSON cut short in a text", "{\"blocks\": [\n{\"id\": \"4", "line 2: not valid JSON: the file ends before its last bracket is closed"},
		{"JSON cut short after a key", "{\"blocks\"", "line 1: not valid JSON: the file ends before its last bracket is closed"},
		{"JSON nested deep in a cell", "{\"blocks\": [\n{\"id\": " + deep, "line 2: lists and mappings are nested deeper than 1000"},
		{"JSON nested deep in an unknown section", "{\"a\": \n" + deep, "line 2: lists and mappings are nested deeper than 1000"},
		{"YAML that begins as JSON does", "{blocks: []}", "line 1: not valid JSON: invalid character 'b'"},

		{"UTF-16", "\xff\xfeb\x00", "line 1: the file is not text in UTF-8: save it as UTF-8"},
		{"Latin-1", "blocks:\n- {id: 1, name: caf\xe9}", "line 2: the file is not text in UTF-8: save it as UTF-8"},
		{"UTF-16 without a mark", "b\x00", "line 1: the file holds the control character U+0000: take it out, or save the file as UTF-8"},
		{"a bell", "blocks:\n\n- {id: 1, name: \a}", "line 3: the file holds the control character U+0007: take it out, or save the file as UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file, err := registerfile.Read(strings.NewReader(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error:\n got %v\nwant %s", err, test.want)
			}
			if file != nil {
				t.Errorf("the file was read: %v", file)
			}
		})
	}
}

func TestReadRefusesInput(t *testing.T) {
	broken := errors.New("the disk is broken")
	if _, err := registerfile.Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a broken reader: %v", err)
	}
	if _, err := registerfile.Read(endless{}); err == nil || err.Error() != "the file is larger than 64 MiB: split it" {
		t.Errorf("a file without an end: %v", err)
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(into []byte) (int, error) {
	clear(into)
	return len(into), nil
}

// generated returns a register of blocks and, in them, apartments with a member each, in YAML and in JSON.
func generated(blocks, apartments int) (asYAML, asJSON string) {
	var y, j strings.Builder
	list := func(section, end string, count int, row func(i int) (yaml, json string)) {
		y.WriteString(section + ":\n")
		fmt.Fprintf(&j, "%q: [", section)
		for i := range count {
			inYAML, inJSON := row(i)
			y.WriteString("  - {" + inYAML + "}\n")
			j.WriteString(strings.Repeat(",", min(i, 1)) + "\n  {" + inJSON + "}")
		}
		j.WriteString("]" + end)
	}
	j.WriteString("{")
	list("blocks", ",\n", blocks, func(i int) (string, string) {
		n := strconv.Itoa(i + 1)
		return "id: " + n + ", name: Block " + n + ", status: active", `"id": ` + n + `, "name": "Block ` + n + `", "status": "active"`
	})
	list("apartments", ",\n", apartments, func(i int) (string, string) {
		id, in, floor, number := i+1, i%blocks+1, i/blocks%300, i/blocks+1
		return fmt.Sprintf("id: %d, block: %d, floor: %d, number: %d", id, in, floor, number),
			fmt.Sprintf(`"id": %d, "block": %d, "floor": %d, "number": %d`, id, in, floor, number)
	})
	list("memberships", "}\n", apartments, func(i int) (string, string) {
		user, in := 1_000_000+i, i%blocks+1
		return fmt.Sprintf("user: %d, block: %d, apartment: %d, role: resident, status: active", user, in, i+1),
			fmt.Sprintf(`"user": %d, "block": %d, "apartment": %d, "role": "resident", "status": "active"`, user, in, i+1)
	})
	return y.String(), j.String()
}

func TestReadLargeRegister(t *testing.T) {
	const blocks, apartments = 100, 3_000
	asYAML, asJSON := generated(blocks, apartments)
	fromYAML, fromJSON := read(t, asYAML), read(t, asJSON)
	equal(t, "JSON and YAML, whose rows are in the same lines", lines(fromJSON, application.SectionMemberships), lines(fromYAML, application.SectionMemberships))
	for name, file := range map[string]*registerfile.File{"YAML": fromYAML, "JSON": fromJSON} {
		register, _ := content(file)
		equal(t, name+" counts", []int{len(register.Blocks), len(register.Apartments), len(register.Memberships)}, []int{blocks, apartments, apartments})
		for i, got := range register.Apartments {
			want := apartment(int64(i+1), int64(i%blocks+1), int64(i/blocks%300), int64(i/blocks+1))
			line := file.Line(application.RowRef{Section: application.SectionApartments, Index: i})
			if got != want || line != i+blocks+3 {
				t.Fatalf("%s: apartment %d is %v in line %d, want %v", name, i, got, line, want)
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	asYAML, asJSON := generated(1000, 100_000)
	for _, format := range []struct{ name, text string }{{"YAML", asYAML}, {"JSON", asJSON}} {
		b.Run(format.name, func(b *testing.B) {
			b.SetBytes(int64(len(format.text)))
			b.ReportAllocs()
			for b.Loop() {
				file := must(registerfile.Read(strings.NewReader(format.text)))
				if register, err := file.Register(); err != nil || len(register.Memberships) != 100_000 {
					b.Fatal(len(register.Memberships), err)
				}
			}
		})
	}
}
