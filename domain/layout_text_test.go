package domain_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

// spelled returns each place of a layout as floor/number.
func spelled(l domain.Layout) string {
	var places []string
	for floor, number := range l.Places() {
		places = append(places, fmt.Sprintf("%d/%d", floor.Level(), number.Int()))
	}
	return strings.Join(places, " ")
}

func TestParseLayout(t *testing.T) {
	for text, want := range map[string]struct{ places, short string }{
		"0: 1-2; 1: 101-104; 2: 201, 210": {"0/1 0/2 1/101 1/102 1/103 1/104 2/201 2/210", "0: 1-2; 1: 101-104; 2: 201, 210"},
		"0:1":                             {"0/1", "0: 1"},
		"300: 999999":                     {"300/999999", "300: 999999"},
		"-20: 1-2":                        {"-20/1 -20/2", "-20: 1-2"},
		"-0: 1":                           {"0/1", "0: 1"},

		// lines, separators and spaces
		"0: 1\n1: 2\r\n2: 3\r3: 4":      {"0/1 1/2 2/3 3/4", "0: 1; 1: 2; 2: 3; 3: 4"},
		"\n\n ;0 : 1 - 2 , 5 ,;;\t\n;":  {"0/1 0/2 0/5", "0: 1-2, 5"},
		"\u00a0- 1\t:\u30001\u2003-\v3": {"-1/1 -1/2 -1/3", "-1: 1-3"},
		"0: 1;":                         {"0/1", "0: 1"},
		"0: 1,\n":                       {"0/1", "0: 1"},

		// Arabic
		"٠: ١-٢؛ ١: ١٠١، ١٠٢":                        {"0/1 0/2 1/101 1/102", "0: 1-2; 1: 101-102"},
		"۱: ۱۰۴، ۱٠2":                                {"1/104 1/102", "1: 104, 102"},
		"\u200f1\u200e: \u061c1\u200f0\u200e1\u200e": {"1/101", "1: 101"},

		// dashes
		"\u22121: 1\u20133": {"-1/1 -1/2 -1/3", "-1: 1-3"},
		"\u20132: 4\u22125": {"-2/4 -2/5", "-2: 4-5"},

		// numbers as written
		"00001: 0007-" + strings.Repeat("0", 100) + "9": {"1/7 1/8 1/9", "1: 7-9"},
		"0: 5-5": {"0/5", "0: 5"},

		// the order described is kept
		"1: 5; 0: 1; 1: 6":    {"1/5 0/1 1/6", "1: 5; 0: 1; 1: 6"},
		"1: 5; 1: 6; 1: 4, 3": {"1/5 1/6 1/4 1/3", "1: 5-6, 4, 3"},
		"0: 1; 1: 2":          {"0/1 1/2", "0: 1; 1: 2"},
	} {
		layout, err := domain.ParseLayout(text)
		if err != nil || spelled(layout) != want.places || layout.String() != want.short {
			t.Errorf("%q: %s, %q, %v; want %s, %q", text, spelled(layout), layout, err, want.places, want.short)
		}
		if layout.Len() != strings.Count(want.places, "/") {
			t.Errorf("%q: %d apartments", text, layout.Len())
		}
		if again, err := domain.ParseLayout(layout.String()); err != nil || spelled(again) != spelled(layout) {
			t.Errorf("%q: its text %q is read as %s, %v", text, layout, spelled(again), err)
		}
	}
}

func TestPlacesMayBeLeft(t *testing.T) {
	for _, number := range must(domain.ParseLayout("0: 7-9")).Places() {
		if number.Int() != 7 {
			t.Fatalf("number %d", number.Int())
		}
		break
	}
}

const (
	floorRange  = "floor must be between -20 and 300"
	numberRange = "number must be between 1 and 999999"
	floorRule   = "a floor is a whole number, such as 0 or -1"
	colonRule   = "a floor is followed by a colon and its numbers"
	numberRule  = "a number is whole, such as 101"
	commaRule   = "numbers are separated by commas, floors by semicolons or lines"
	backwards   = "a range begins with its lowest number"
	noNumber    = "a number is missing"
	noFloor     = "a floor is missing"
	noNumbers   = "a floor needs numbers"
	tooMany     = "a layout has at most 10000 apartments"
	noText      = "this byte is not UTF-8"
)

func TestFaultsOfALayout(t *testing.T) {
	type faults = []domain.LayoutFault
	cannot := func(char, rule string) string { return "'" + char + "' cannot be read here: " + rule }
	for text, want := range map[string]faults{
		"":               {{1, 1, domain.Missing, "no apartments are described"}},
		" \n;\u200e\r\n": {{1, 1, domain.Missing, "no apartments are described"}},

		// floors
		": 1":                        {{1, 1, domain.Missing, noFloor}},
		"-: 1":                       {{1, 2, domain.Missing, noFloor}},
		"0: 1;-":                     {{1, 7, domain.Missing, noFloor}},
		"-;0: 1":                     {{1, 2, domain.Missing, noFloor}},
		"301: 1; -21: 2":             {{1, 1, domain.OutOfRange, floorRange}, {1, 9, domain.OutOfRange, floorRange}},
		"99999999999999999999999: 1": {{1, 1, domain.OutOfRange, floorRange}},
		"ground: 1; 1: 2, 1":         {{1, 1, domain.Unreadable, cannot("g", floorRule)}, {1, 18, domain.Repeated, "number 1 is already in line 1, column 9"}},
		"ground 1; 0: 1":             {{1, 1, domain.Unreadable, cannot("g", floorRule)}},
		", 0: 1":                     {{1, 1, domain.Unreadable, cannot(",", floorRule)}},
		"-x: 1":                      {{1, 2, domain.Unreadable, cannot("x", floorRule)}},
		"1":                          {{1, 2, domain.Missing, colonRule}},
		"1\n2: 1":                    {{1, 2, domain.Missing, colonRule}},
		"301":                        {{1, 1, domain.OutOfRange, floorRange}, {1, 4, domain.Missing, colonRule}},
		"101-104\n1: x":              {{1, 4, domain.Unreadable, cannot("-", colonRule)}, {2, 4, domain.Unreadable, cannot("x", numberRule)}},
		"1 2: x":                     {{1, 3, domain.Unreadable, cannot("2", colonRule)}, {1, 6, domain.Unreadable, cannot("x", numberRule)}},
		"1:":                         {{1, 3, domain.Missing, noNumbers}},
		"1: ;2:\n3: 1":               {{1, 4, domain.Missing, noNumbers}, {1, 7, domain.Missing, noNumbers}},

		// numbers
		"0: ,":                       {{1, 4, domain.Missing, noNumber}},
		"0: 1,,2":                    {{1, 6, domain.Missing, noNumber}},
		"0: 1-":                      {{1, 6, domain.Missing, noNumber}},
		"0: 1-,2":                    {{1, 6, domain.Missing, noNumber}},
		"0: 1-;":                     {{1, 6, domain.Missing, noNumber}},
		"0: -":                       {{1, 4, domain.Missing, noNumber}},
		"0: -x":                      {{1, 4, domain.Missing, noNumber}},
		"0: -5, 1--5":                {{1, 4, domain.OutOfRange, "a number is never negative"}, {1, 10, domain.OutOfRange, "a number is never negative"}},
		"0: 0, 1000000":              {{1, 4, domain.OutOfRange, numberRange}, {1, 7, domain.OutOfRange, numberRange}},
		"0: 0-1000000":               {{1, 4, domain.OutOfRange, numberRange}, {1, 6, domain.OutOfRange, numberRange}},
		"0: 1-999999999999999999999": {{1, 6, domain.OutOfRange, numberRange}},
		"0: 104-101":                 {{1, 4, domain.OutOfRange, backwards}},
		"0: 1.5, 7, 3/4":             {{1, 5, domain.Unreadable, cannot(".", commaRule)}, {1, 13, domain.Unreadable, cannot("/", commaRule)}},
		"0: a-c, 1-c, 2":             {{1, 4, domain.Unreadable, cannot("a", numberRule)}, {1, 11, domain.Unreadable, cannot("c", numberRule)}},
		"0: 1 2":                     {{1, 6, domain.Unreadable, cannot("2", commaRule)}},
		"0: 1-2-3":                   {{1, 7, domain.Unreadable, cannot("-", commaRule)}},
		"0: 1: 2":                    {{1, 5, domain.Unreadable, cannot(":", commaRule)}},
		"0: 1\u0085\u0000":           {{1, 6, domain.Unreadable, cannot(`\x00`, commaRule)}},
		"0: \ufffd":                  {{1, 4, domain.Unreadable, cannot("\ufffd", numberRule)}},
		"0: '":                       {{1, 4, domain.Unreadable, cannot(`\'`, numberRule)}},

		"0: 1\u202e": {{1, 5, domain.Unreadable, cannot(`\u202e`, commaRule)}}, // no mark that turns what follows around

		// the same number
		"0: 1, 1":                {{1, 7, domain.Repeated, "number 1 is already in line 1, column 4"}},
		"0: 5-5, 5-5":            {{1, 9, domain.Repeated, "number 5 is already in line 1, column 4"}},
		"٠: ١-٣\n1: 4, 2-5, 6\n": {{2, 7, domain.Repeated, "number 2 is already in line 1, column 4, and others of this range are in the layout too"}},
		"0: 1\n0: 2-4, 1\n1: 4":  {{2, 9, domain.Repeated, "number 1 is already in line 1, column 4"}, {3, 4, domain.Repeated, "number 4 is already in line 2, column 4"}},

		"0: 3, 0-5":       {{1, 7, domain.OutOfRange, numberRange}},
		"0: 3, 3-1000000": {{1, 9, domain.OutOfRange, numberRange}},

		// too many
		"0: 5; 1: 1-999999":                 {{1, 10, domain.Repeated, "number 5 is already in line 1, column 4"}, {1, 10, domain.TooLong, tooMany}},
		"0: 1-10001":                        {{1, 4, domain.TooLong, tooMany}},
		"0: 1-999999, 1-999999, x":          {{1, 4, domain.TooLong, tooMany}, {1, 24, domain.Unreadable, cannot("x", numberRule)}},
		"0: 1-9999, 10000, 10001, 10002, 1": {{1, 19, domain.TooLong, tooMany}},
		"0: 1-10000, 10000-10001, 1": {
			{1, 13, domain.Repeated, "number 10000 is already in line 1, column 4"}, {1, 13, domain.TooLong, tooMany},
		},
		"0: 1-6000; 1: 1-6000": {{1, 15, domain.Repeated, "number 1 is already in line 1, column 4, and others of this range are in the layout too"}},

		// places are counted in characters, and what is not text is one for each byte
		"٠: ١، \xff\xfe":                  {{1, 7, domain.NotText, noText}},
		"\u200f0:\u200e ١\u200f, \u200ez": {{1, 11, domain.Unreadable, cannot("z", numberRule)}},
		"\xff":                            {{1, 1, domain.NotText, noText}},
		"0\xff: x":                        {{1, 2, domain.NotText, noText}, {1, 5, domain.Unreadable, cannot("x", numberRule)}},
		"0: 1\xe2\x80":                    {{1, 5, domain.NotText, noText}},
		"\r\n\n\r x":                      {{4, 2, domain.Unreadable, cannot("x", floorRule)}},
	} {
		layout, err := domain.ParseLayout(text)
		var refusal *domain.LayoutError
		if !errors.As(err, &refusal) || !slices.Equal(refusal.Faults, want) {
			t.Errorf("%q: %v\nwant %v", text, err, want)
			continue
		}
		if layout.Len() != 0 {
			t.Errorf("%q: %d apartments beside an error", text, layout.Len())
		}
		for _, code := range []domain.Code{domain.Missing, domain.OutOfRange, domain.Unreadable, domain.Repeated, domain.TooLong, domain.NotText, domain.NotKnown} {
			has := slices.ContainsFunc(want, func(f domain.LayoutFault) bool { return f.Code == code })
			if errors.Is(err, code) != has {
				t.Errorf("%q: errors.Is %s = %t", text, string(code), !has)
			}
		}
		if !errors.Is(err, domain.Invalid) || errors.Is(err, domain.Taken) {
			t.Errorf("%q: the kind of %v", text, err)
		}
	}
}

func TestLayoutErrorTellsTheFirstFaults(t *testing.T) {
	const begin = "the layout cannot be read: line 1, column 4: " + noNumber + "; line 2, column 4: " + noNumber
	for faults, want := range map[int]string{
		2: begin,
		3: begin + "; line 3, column 4: " + noNumber,
		4: begin + "; line 3, column 4: " + noNumber + "; and more",
	} {
		if _, err := domain.ParseLayout(strings.Repeat("0: ,\n", faults)); err == nil || err.Error() != want {
			t.Errorf("%d faults: %v, want %s", faults, err, want)
		}
	}
}

func TestHostileLayouts(t *testing.T) {
	const size = 1 << 20
	repeat := func(text string) string { return strings.Repeat(text, size/len(text)) }
	for text, want := range map[string]struct {
		faults int
		last   domain.LayoutFault
	}{
		// more faults than are listed: the last says so, where it is
		strings.Repeat("0: x\n", 100):    {100, domain.LayoutFault{100, 4, domain.Unreadable, "'x' cannot be read here: " + numberRule}},
		strings.Repeat("0: x\n", 101):    {101, domain.LayoutFault{101, 4, domain.Unreadable, "there are more faults from here on"}},
		strings.Repeat("0\n", 101):       {101, domain.LayoutFault{101, 2, domain.Missing, "there are more faults from here on"}},
		strings.Repeat("301\n", 101):     {101, domain.LayoutFault{51, 1, domain.OutOfRange, "there are more faults from here on"}},
		repeat("0: x\n"):                 {101, domain.LayoutFault{101, 4, domain.Unreadable, "there are more faults from here on"}},
		repeat(";:"):                     {101, domain.LayoutFault{1, 102, domain.Missing, "there are more faults from here on"}},
		"0: " + repeat(","):              {101, domain.LayoutFault{1, 104, domain.Missing, "there are more faults from here on"}},
		"0: " + repeat("\xff,"):          {101, domain.LayoutFault{1, 204, domain.NotText, "there are more faults from here on"}},
		"0: 1-9999," + repeat("1-9999,"): {101, domain.LayoutFault{1, 711, domain.Repeated, "there are more faults from here on"}},

		// few faults in a long text
		"0: " + repeat("--"):                  {1, domain.LayoutFault{1, 4, domain.Missing, noNumber}},
		repeat(":"):                           {2, domain.LayoutFault{1, 2, domain.Unreadable, "':' cannot be read here: " + numberRule}},
		repeat("\xff"):                        {1, domain.LayoutFault{1, 1, domain.NotText, noText}},
		repeat("-"):                           {1, domain.LayoutFault{1, 2, domain.Unreadable, "'-' cannot be read here: " + floorRule}},
		repeat("9"):                           {2, domain.LayoutFault{1, size + 1, domain.Missing, colonRule}},
		"0: 1-" + repeat("9"):                 {1, domain.LayoutFault{1, 6, domain.OutOfRange, numberRange}},
		repeat(" "):                           {1, domain.LayoutFault{1, 1, domain.Missing, "no apartments are described"}},
		repeat("\u200e"):                      {1, domain.LayoutFault{1, 1, domain.Missing, "no apartments are described"}},
		repeat("\r"):                          {1, domain.LayoutFault{1, 1, domain.Missing, "no apartments are described"}},
		repeat(";"):                           {1, domain.LayoutFault{1, 1, domain.Missing, "no apartments are described"}},
		"0: " + repeat("1-999999,"):           {1, domain.LayoutFault{1, 4, domain.TooLong, tooMany}},
		"0: 1-10000," + repeat("1-999999,"):   {2, domain.LayoutFault{1, 12, domain.TooLong, tooMany}},
		"0: 1-9999," + repeat("10000-19999,"): {1, domain.LayoutFault{1, 11, domain.TooLong, tooMany}},
	} {
		shown := fmt.Sprintf("%.12q... of %d bytes", text, len(text))
		_, err := domain.ParseLayout(text)
		var refusal *domain.LayoutError
		if !errors.As(err, &refusal) || len(refusal.Faults) != want.faults {
			t.Errorf("%s: %v, want %d faults", shown, err, want.faults)
			continue
		}
		if last := refusal.Faults[len(refusal.Faults)-1]; last != want.last {
			t.Errorf("%s: the last fault is %v, want %v", shown, last, want.last)
		}
	}
}

func TestTheLargestLayout(t *testing.T) {
	layout, err := domain.ParseLayout("0: 1-10000")
	if err != nil || layout.Len() != domain.MaxChanges || layout.String() != "0: 1-10000" {
		t.Errorf("%d apartments, %v", layout.Len(), err)
	}
}

// What is read is within the rules, and is written so that it reads the same. What is refused has its faults in order.
func FuzzParseLayout(f *testing.F) {
	for _, text := range []string{
		"0: 1-2; 1: 101-104; 2: 201-204, 210", "-1: 1-4\r\n٠: ٥–٦، ۹؛ 1: 7", "0: 1, 1-3\n: x", "1-2: 3", "0: 1-999999999999999999999",
		"\u200f\u2212\u061c1 :\u00a01 -\t2,;", "0:\xff,\xe2\x80", strings.Repeat("0: ,", 99), "0: 1-9999, 10001-20000",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		layout, err := domain.ParseLayout(text)
		if err != nil {
			checkFaults(t, layout, err)
			return
		}
		if layout.Len() == 0 || layout.Len() > domain.MaxChanges {
			t.Fatalf("%d apartments", layout.Len())
		}
		seen := map[domain.Number]bool{}
		for floor, number := range layout.Places() {
			if _, err := domain.NewFloor(int64(floor.Level())); err != nil {
				t.Fatal(err)
			}
			if _, err := domain.NewNumber(int64(number.Int())); err != nil {
				t.Fatal(err)
			}
			if seen[number] {
				t.Fatalf("number %d comes twice", number.Int())
			}
			seen[number] = true
		}
		again, err := domain.ParseLayout(layout.String())
		if err != nil || spelled(again) != spelled(layout) || again.String() != layout.String() {
			t.Fatalf("%q is read as %q, %v", layout, again, err)
		}
	})
}

func checkFaults(t *testing.T, layout domain.Layout, err error) {
	t.Helper()
	var refusal *domain.LayoutError
	if !errors.As(err, &refusal) || layout.Len() != 0 || !errors.Is(err, domain.Invalid) {
		t.Fatalf("%d apartments, %v", layout.Len(), err)
	}
	if len(refusal.Faults) == 0 || len(refusal.Faults) > 101 {
		t.Fatalf("%d faults", len(refusal.Faults))
	}
	for i, fault := range refusal.Faults {
		if fault.Line < 1 || fault.Column < 1 || fault.Code.Kind() != domain.Invalid || fault.Text == "" {
			t.Fatalf("fault %+v", fault)
		}
		if i > 0 && cmp.Or(fault.Line-refusal.Faults[i-1].Line, fault.Column-refusal.Faults[i-1].Column) < 0 {
			t.Fatalf("fault %+v after %+v", fault, refusal.Faults[i-1])
		}
	}
}
