package registerfile_test

import (
	"fmt"
	"strings"
	"testing"

	"omarty.net/registry/adapters/registerfile"
	"omarty.net/registry/application"
)

func TestReadFaults(t *testing.T) {
	const (
		nines = "99999999999999999999"
		roles = "manager, board_member, cashier, resident or watchman"
	)
	tests := []struct {
		name, text string
		want       []string
	}{
		{"keys of the file", "blocks:\n- {id: 1, status: active}\ntenants:\n- {id: 1}\nBlocks: []\n\"a\\tb\": 4\n", []string{
			`line 3: "tenants" is not known: use blocks, apartments or memberships`,
			`line 5: "Blocks" is not known: use blocks, apartments or memberships`,
			`line 6: "a\tb" is not known: use blocks, apartments or memberships`}},
		{"keys of a JSON file", "{\"tenants\":\n[{\"id\": [1, {}]}],\n\"\": 4, \"blocks\": [{\"id\": 0, \"status\": \"active\"}]}", []string{
			`line 1: "tenants" is not known: use blocks, apartments or memberships`,
			`line 3: "" is not known: use blocks, apartments or memberships`,
			`line 3: blocks: id must be above 0, not 0`}},
		{"a section twice", "blocks:\n- {id: 0, status: active}\nblocks:\n- {id: -1, status: active}\n", []string{
			`line 2: blocks: id must be above 0, not 0`,
			`line 3: blocks stands in line 1 already: make one list of both`,
			`line 4: blocks: id must be above 0, not -1`}},
		{"sections that are no lists", "blocks: {id: 4}\napartments: 5\nmemberships: none\n", []string{
			`line 1: blocks must be a list of rows, not a mapping`,
			`line 2: apartments must be a list of rows, not 5`,
			`line 3: memberships must be a list of rows, not the text "none"`}},
		{"sections that are no lists, in JSON", "{\"blocks\": {\"id\": [4]},\n\"apartments\": false,\n\"memberships\": [\"x\"]}", []string{
			`line 1: blocks must be a list of rows, not a mapping`,
			`line 2: apartments must be a list of rows, not false`,
			`line 3: memberships: a row must be a mapping such as {user: 7, block: 4, apartment: 1, role: manager, status: active}, not the text "x"`}},
		{"rows that are no mappings", "blocks:\n- 4\n-\n- [id, 4]\napartments:\n- true\n", []string{
			`line 2: blocks: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not 4`,
			`line 3: blocks: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not nothing`,
			`line 4: blocks: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not a list`,
			`line 6: apartments: a row must be a mapping such as {id: 1, block: 4, floor: 1, number: 1}, not true`}},
		{"keys of a row", "apartments:\n- {id: 1, block: 4, flor: 1, floor: 1, number: 1}\n- {id: 1, block: 4, floor: 1, floor: 1, number: 1, floor: 2}\n" +
			"blocks:\n- {ID: 1, id: 1, status: active}\nmemberships:\n- {name: x, user: 1, block: 1, role: manager, status: active}\n", []string{
			`line 2: apartments: "flor" is not known: use id, block, floor, number or status`,
			`line 3: apartments: floor is there twice: keep one of them`,
			`line 3: apartments: floor is there twice: keep one of them`,
			`line 5: blocks: "ID" is not known: use id, name or status`,
			`line 7: memberships: "name" is not known: use user, block, apartment, role or status`}},
		{"keys of a JSON row", `{"blocks": [{"id": 1, "id": 2, "status": "active", "x": {"y": [1]}}]}`, []string{
			`line 1: blocks: id is there twice: keep one of them`,
			`line 1: blocks: "x" is not known: use id, name or status`}},
		{"required values", "blocks:\n- {}\napartments:\n- {id: null, block: ~, floor: }\nmemberships:\n- {name: }\n", []string{
			`line 2: blocks: id is required`,
			`line 2: blocks: status is required: use active or suspended`,
			`line 4: apartments: id is required`,
			`line 4: apartments: block is required`,
			`line 4: apartments: floor is required`,
			`line 4: apartments: number is required`,
			`line 6: memberships: "name" is not known: use user, block, apartment, role or status`,
			`line 6: memberships: user is required`,
			`line 6: memberships: block is required`,
			`line 6: memberships: role is required: use ` + roles,
			`line 6: memberships: status is required: use pending, active or banned`}},
		{"whole numbers", "blocks:\n" + rows("- {id: %s, status: active}", `"4"`, `four`, `4.5`, `4.0`, `4e0`, `1_000`, `0x10`, `0o17`, `017`, `08`, `+4`,
			`true`, `[4]`, `{a: 4}`, `.inf`, `"-"`, `2024-01-01`, `-0`), []string{
			`line 2: blocks: id must be a whole number, not the text "4"`,
			`line 3: blocks: id must be a whole number, not the text "four"`,
			`line 4: blocks: id must be a whole number in plain digits, not 4.5`,
			`line 5: blocks: id must be a whole number in plain digits, not 4.0`,
			`line 6: blocks: id must be a whole number in plain digits, not 4e0`,
			`line 7: blocks: id must be a whole number in plain digits, not 1_000`,
			`line 8: blocks: id must be a whole number in plain digits, not 0x10`,
			`line 9: blocks: id must be a whole number in plain digits, not 0o17`,
			`line 10: blocks: id must be a whole number in plain digits, not 017`,
			`line 11: blocks: id must be a whole number in plain digits, not 08`,
			`line 12: blocks: id must be a whole number in plain digits, not +4`,
			`line 13: blocks: id must be a whole number, not true`,
			`line 14: blocks: id must be a whole number, not a list`,
			`line 15: blocks: id must be a whole number, not a mapping`,
			`line 16: blocks: id must be a whole number in plain digits, not .inf`,
			`line 17: blocks: id must be a whole number, not the text "-"`,
			`line 18: blocks: id must be a whole number, not the text "2024-01-01"`,
			`line 19: blocks: id must be above 0, not -0`}},
		{"whole numbers in JSON", "{\"blocks\": [\n" + strings.TrimSuffix(rows(`{"id": %s, "status": "active"},`,
			`"4"`, `4.5`, `4.0`, `4e0`, `true`, `[[4], {"a": {}}]`, `{"id": 4}`, `null`, nines), ",\n") + "]}", []string{
			`line 2: blocks: id must be a whole number, not the text "4"`,
			`line 3: blocks: id must be a whole number in plain digits, not 4.5`,
			`line 4: blocks: id must be a whole number in plain digits, not 4.0`,
			`line 5: blocks: id must be a whole number in plain digits, not 4e0`,
			`line 6: blocks: id must be a whole number, not true`,
			`line 7: blocks: id must be a whole number, not a list`,
			`line 8: blocks: id must be a whole number, not a mapping`,
			`line 9: blocks: id is required`,
			`line 10: blocks: id must be at most 9223372036854775807, not ` + nines}},
		{"statuses of apartments", "apartments:\n" + rows("- {id: 1, block: 1, floor: 1, number: 1, status: %s}", "active", `""`, "1"), []string{
			`line 2: apartments: status "active" is not known: use registered or retired`,
			`line 3: apartments: status "" is not known: use registered or retired`,
			`line 4: apartments: status must be registered or retired, not 1`}},
		{"ranges", "apartments:\n" + rows("- {id: 1, block: 1, floor: %s, number: 1}", "301", "-21", nines, "-"+nines, strings.Repeat("9", 400)) +
			rows("- {id: 1, block: 1, floor: 1, number: %s}", "0", "1000000") +
			rows("- {id: 1, block: %s, floor: 1, number: 1}", "0", "-1", "9223372036854775808", "-"+nines) +
			"memberships:\n" + rows("- {user: %s, block: 1, role: manager, status: active}", "0", nines) +
			rows("- {user: 1, block: 1, apartment: %s, role: manager, status: active}", "0", "none", nines), []string{
			`line 2: apartments: floor must be between -20 and 300, not 301`,
			`line 3: apartments: floor must be between -20 and 300, not -21`,
			`line 4: apartments: floor must be between -20 and 300, not ` + nines,
			`line 5: apartments: floor must be between -20 and 300, not -` + nines,
			`line 6: apartments: floor must be between -20 and 300, not ` + strings.Repeat("9", 60) + `…`,
			`line 7: apartments: number must be between 1 and 999999, not 0`,
			`line 8: apartments: number must be between 1 and 999999, not 1000000`,
			`line 9: apartments: block must be above 0, not 0`,
			`line 10: apartments: block must be above 0, not -1`,
			`line 11: apartments: block must be at most 9223372036854775807, not 9223372036854775808`,
			`line 12: apartments: block must be above 0, not -` + nines,
			`line 14: memberships: user must be above 0, not 0`,
			`line 15: memberships: user must be at most 9223372036854775807, not ` + nines,
			`line 16: memberships: apartment must be above 0, not 0`,
			`line 17: memberships: apartment must be a whole number, not the text "none"`,
			`line 18: memberships: apartment must be at most 9223372036854775807, not ` + nines}},
		{"words", "memberships:\n" + rows("- {user: 1, block: 1, role: %s, status: active}", "boss", "Manager", `""`, "4", "[manager]",
			`"a\u0000\n\u202e`+strings.Repeat("é", 100)+`"`) +
			"- {user: 1, block: 1, role: manager, status: suspended}\nblocks:\n- {id: 1, status: banned}\n- {id: 1, status: true}\n", []string{
			`line 2: memberships: role "boss" is not known: use ` + roles,
			`line 3: memberships: role "Manager" is not known: use ` + roles,
			`line 4: memberships: role "" is not known: use ` + roles,
			`line 5: memberships: role must be ` + roles + `, not 4`,
			`line 6: memberships: role must be ` + roles + `, not a list`,
			`line 7: memberships: role "a\x00\n\u202e` + strings.Repeat("é", 56) + `…" is not known: use ` + roles,
			`line 8: memberships: status "suspended" is not known: use pending, active or banned`,
			`line 10: blocks: status "banned" is not known: use active or suspended`,
			`line 11: blocks: status must be active or suspended, not true`}},
		{"names", "blocks:\n" + rows("- {id: 1, name: %s, status: active}", "42", "true", "[a]", strings.Repeat("é", 256)), []string{
			`line 2: blocks: name must be text, not 42: put it in quotes`,
			`line 3: blocks: name must be text, not true: put it in quotes`,
			`line 4: blocks: name must be text, not a list`,
			`line 5: blocks: name is too long: it may have 255 characters, not 256`}},
		{"all faults of a row", "blocks:\n- id: 0\n  nam: x\n  name: " + strings.Repeat("x", 300) + "\n  status: gone\n  id: 7\n" +
			"apartments:\n- {id: a, block: b, floor: 999, number: 0}\n", []string{
			`line 2: blocks: "nam" is not known: use id, name or status`,
			`line 2: blocks: id is there twice: keep one of them`,
			`line 2: blocks: id must be above 0, not 0`,
			`line 2: blocks: name is too long: it may have 255 characters, not 300`,
			`line 2: blocks: status "gone" is not known: use active or suspended`,
			`line 8: apartments: id must be a whole number, not the text "a"`,
			`line 8: apartments: block must be a whole number, not the text "b"`,
			`line 8: apartments: floor must be between -20 and 300, not 999`,
			`line 8: apartments: number must be between 1 and 999999, not 0`}},
		{"several rows in a line", `{"blocks": [{"id": 0, "status": "active"}, {"id": 1, "status": "gone"}, 7], "apartments": [` + "\n{},{\"id\": 1}]}", []string{
			`line 1: blocks: id must be above 0, not 0`,
			`line 1: blocks row 2: status "gone" is not known: use active or suspended`,
			`line 1: blocks row 3: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not 7`,
			`line 2: apartments: id is required`,
			`line 2: apartments: block is required`,
			`line 2: apartments: floor is required`,
			`line 2: apartments: number is required`,
			`line 2: apartments row 2: block is required`,
			`line 2: apartments row 2: floor is required`,
			`line 2: apartments row 2: number is required`}},
		{"aliases, merge keys and tags", "blocks:\n- &b {id: 1, status: &status active}\n- *b\n- {<<: *b, id: 2, status: *status}\n- {*status : 1, id: 3, status: active}\n" +
			"- {id: !!int \"4\", status: !word active}\n- !row {id: 5, status: active}\n- {!!str id: 6, [id]: 6, {id: 6}: 6, id: 6, status: active}\n" +
			"apartments: &a [*a]\nmemberships: *a\n*b : 1\n", []string{
			`line 3: blocks: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not the alias "*b": write the value itself`,
			`line 4: blocks: "<<" is not known: use id, name or status`,
			`line 4: blocks: status must be active or suspended, not the alias "*status": write the value itself`,
			`line 5: blocks: "*status" is not known: use id, name or status`,
			`line 6: blocks: id must be a whole number, not a value tagged "!!int": leave the tag out`,
			`line 6: blocks: status must be active or suspended, not a value tagged "!word": leave the tag out`,
			`line 7: blocks: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not a value tagged "!row": leave the tag out`,
			`line 8: blocks: "!!str id" is not known: use id, name or status`,
			`line 8: blocks: "[...]" is not known: use id, name or status`,
			`line 8: blocks: "{...}" is not known: use id, name or status`,
			`line 9: apartments: a row must be a mapping such as {id: 1, block: 4, floor: 1, number: 1}, not the alias "*a": write the value itself`,
			`line 10: memberships must be a list of rows, not the alias "*a": write the value itself`,
			`line 11: "*b" is not known: use blocks, apartments or memberships`}},
		{"a billion laughs", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
			"blocks: [*c]\n", []string{
			`line 1: "a" is not known: use blocks, apartments or memberships`,
			`line 2: "b" is not known: use blocks, apartments or memberships`,
			`line 3: "c" is not known: use blocks, apartments or memberships`,
			`line 4: blocks: a row must be a mapping such as {id: 4, name: Block 4, status: active}, not the alias "*c": write the value itself`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file, err := registerfile.Read(strings.NewReader(test.text))
			if err != nil {
				t.Fatal(err)
			}
			_, faults := content(file)
			if got, want := faults.Error(), strings.Join(test.want, "\n"); got != want {
				t.Errorf("faults:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// rows writes a row for every value.
func rows(format string, values ...string) string {
	var text strings.Builder
	for _, value := range values {
		fmt.Fprintf(&text, format+"\n", value)
	}
	return text.String()
}

// Rows without a fault are kept, so that an import can name what is wrong among them too.
func TestReadGoesOn(t *testing.T) {
	file, err := registerfile.Read(strings.NewReader("blocks:\n- {id: 1, status: gone}\n- {id: 2, status: active}\n" +
		"apartments:\n- {id: 1, block: 2, floor: 999, number: 1}\n- {id: 2, block: 2, floor: 1, number: 2}\n" +
		"memberships:\n- {user: 1, block: 2, role: boss, status: active}\n- {user: 2, block: 2, role: manager, status: active}\n"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "lines of blocks", lines(file, application.SectionBlocks), []int{3})
	equal(t, "lines of apartments", lines(file, application.SectionApartments), []int{6})
	equal(t, "lines of memberships", lines(file, application.SectionMemberships), []int{9})
	_, faults := content(file)
	equal(t, "faults", len(faults), 3)
}

func TestReadBoundsFaults(t *testing.T) {
	text := `{"blocks": [` + strings.Repeat("4,\n", registerfile.MaxFaults+10) + `4]}`
	file, err := registerfile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	_, faults := content(file)
	equal(t, "faults", len(faults), registerfile.MaxFaults+1)
	equal(t, "the last", faults[registerfile.MaxFaults],
		registerfile.Fault{Line: registerfile.MaxFaults + 1, Problem: "there are more faults from here on: mend the ones above first"})
}
