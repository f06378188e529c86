package domain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLayoutFaults is how many faults of a layout are listed before one that says that there are more.
const maxLayoutFaults = 100

// LayoutFault is one fault of a text that describes a layout.
type LayoutFault struct {
	// Line and Column are where the fault is, in characters, both from 1.
	Line, Column int
	Code         Code
	// Text says what is wrong, in English.
	Text string
}

// LayoutError lists the faults of a text that describes a layout, in the order of their places. It wraps their codes.
// There are at most 101: the last then says that there are more.
type LayoutError struct{ Faults []LayoutFault }

// Error tells the first three faults.
func (e *LayoutError) Error() string {
	var text strings.Builder
	text.WriteString("the layout cannot be read")
	for i, fault := range e.Faults {
		separator := "; "
		switch i {
		case 0:
			separator = ": "
		case 3:
			return text.String() + "; and more"
		}
		fmt.Fprintf(&text, "%sline %d, column %d: %s", separator, fault.Line, fault.Column, fault.Text)
	}
	return text.String()
}

// Unwrap returns the code of each fault.
func (e *LayoutError) Unwrap() []error {
	codes := make([]error, len(e.Faults))
	for i, fault := range e.Faults {
		codes[i] = fault.Code
	}
	return codes
}

// ParseLayout reads a layout such as "0: 1-2; 1: 101-104; 2: 201-204, 210": a floor, a colon, then numbers and ranges of
// numbers with commas between them. Floors end with a semicolon or a line. A floor may come several times, a number only
// once. Digits, commas and semicolons may be Arabic, and marks of direction are passed over.
//
// It returns a *LayoutError with all faults at once. Beyond MaxChanges apartments, numbers that come twice are no longer
// looked for.
func ParseLayout(text string) (Layout, error) {
	p := layoutParser{scanner: newLayoutScanner(text), seen: map[int]textPosition{}}
	p.next()
	for p.token.kind != tokenEnd {
		if p.token.kind == ';' {
			p.next()
			continue
		}
		p.readFloor()
	}
	if len(p.faults) == 0 && len(p.places) == 0 {
		p.fault(textPosition{1, 1}, Missing, "no apartments are described")
	}
	if len(p.faults) > 0 {
		return Layout{}, &LayoutError{p.faults}
	}
	return Layout{p.places}, nil
}

// layoutParser reads tokens into places and faults. It takes at most MaxChanges places, whatever the text says.
type layoutParser struct {
	scanner layoutScanner
	token   layoutToken
	places  []place
	seen    map[int]textPosition // where each number was described first
	full    bool                 // there are more than MaxChanges places
	faults  []LayoutFault
}

func (p *layoutParser) next() { p.token = p.scanner.next() }

// fault adds a fault. One too many ends the text.
func (p *layoutParser) fault(at textPosition, code Code, text string) {
	if len(p.faults) > maxLayoutFaults {
		return
	}
	if len(p.faults) == maxLayoutFaults {
		text = "there are more faults from here on"
		p.token.kind = tokenEnd
	}
	p.faults = append(p.faults, LayoutFault{at.line, at.column, code, text})
}

// unexpected adds a fault for a token that cannot be here, and goes on to the next of a kind or to the floor's end.
func (p *layoutParser) unexpected(rule string, kind rune) {
	if p.token.kind == tokenNotText {
		p.fault(p.token.at, NotText, "this byte is not UTF-8")
	} else {
		p.fault(p.token.at, Unreadable, fmt.Sprintf("%q cannot be read here: %s", p.token.char, rule))
	}
	p.skipTo(kind)
}

// skipTo goes on to the next token of a kind or to the floor's end.
func (p *layoutParser) skipTo(kind rune) {
	for p.token.kind != kind && !p.atFloorEnd() {
		p.next()
	}
}

func (p *layoutParser) atFloorEnd() bool { return p.token.kind == ';' || p.token.kind == tokenEnd }

// readFloor reads a floor and its numbers. Numbers are checked even where the floor is at fault.
func (p *layoutParser) readFloor() {
	const rule = "a floor is followed by a colon and its numbers"
	floor, ok := p.readLevel()
	switch {
	case p.token.kind == ':':
	case !ok:
		return
	case p.atFloorEnd():
		p.fault(p.token.at, Missing, rule)
		return
	default:
		p.unexpected(rule, ':')
		if p.token.kind != ':' {
			return
		}
	}
	p.next()
	if p.atFloorEnd() {
		p.fault(p.token.at, Missing, "a floor needs numbers")
	}
	for !p.atFloorEnd() {
		p.readNumbers(floor)
	}
}

// readLevel reads a floor's level. Where it is at fault, it goes on to the colon or the floor's end.
func (p *layoutParser) readLevel() (Floor, bool) {
	at, sign := p.token.at, int64(1)
	if p.token.kind == '-' {
		sign = -1
		p.next()
	}
	switch {
	case p.token.kind == tokenNumber:
	case p.token.kind == ':' || p.atFloorEnd():
		p.fault(p.token.at, Missing, "a floor is missing")
		return Floor{}, false
	default:
		p.unexpected("a floor is a whole number, such as 0 or -1", ':')
		return Floor{}, false
	}
	floor, err := NewFloor(sign * int64(p.token.value))
	p.next()
	if err != nil {
		p.fault(at, OutOfRange, err.Error())
	}
	return floor, true
}

// readNumbers reads a number or a range, and the comma after it.
func (p *layoutParser) readNumbers(floor Floor) {
	at := p.token.at
	first, firstOK := p.readNumber()
	last, lastOK := first, firstOK
	if p.token.kind == '-' {
		p.next()
		last, lastOK = p.readNumber()
	}
	if firstOK && lastOK {
		p.add(floor, first.n, last.n, at)
	}
	if p.token.kind != ',' && !p.atFloorEnd() {
		p.unexpected("numbers are separated by commas, floors by semicolons or lines", ',')
	}
	if p.token.kind == ',' {
		p.next()
	}
}

// readNumber reads a number. Where it is at fault, it goes on to the next.
func (p *layoutParser) readNumber() (Number, bool) {
	at := p.token.at
	switch p.token.kind {
	case tokenNumber:
		number, err := NewNumber(int64(p.token.value))
		p.next()
		if err != nil {
			p.fault(at, OutOfRange, err.Error())
		}
		return number, err == nil
	case '-':
		p.next()
		if p.token.kind == tokenNumber {
			p.next()
			p.fault(at, OutOfRange, "a number is never negative")
			return Number{}, false
		}
		p.fault(at, Missing, "a number is missing")
		p.skipTo(',')
	case ',', ';', tokenEnd:
		p.fault(at, Missing, "a number is missing")
	default:
		p.unexpected("a number is whole, such as 101", ',')
	}
	return Number{}, false
}

// add adds the places of a range, and stops where there are too many: the range may be long.
func (p *layoutParser) add(floor Floor, first, last int, at textPosition) {
	if first > last {
		p.fault(at, OutOfRange, "a range begins with its lowest number")
		return
	}
	if p.full {
		return
	}
	repeated, others := 0, ""
	for n := first; n <= last && !p.full; n++ {
		switch _, ok := p.seen[n]; {
		case ok && repeated == 0:
			repeated = n
		case ok:
			others = ", and others of this range are in the layout too"
		case len(p.places) == MaxChanges:
			p.full = true
		default:
			p.seen[n] = at
			p.places = append(p.places, place{floor, Number{n}})
		}
	}
	if repeated > 0 {
		before := p.seen[repeated]
		p.fault(at, Repeated, fmt.Sprintf("number %d is already in line %d, column %d%s", repeated, before.line, before.column, others))
	}
	if p.full {
		p.fault(at, TooLong, fmt.Sprintf("a layout has at most %d apartments", MaxChanges))
	}
}

// textPosition is a character's place in a text, both from 1.
type textPosition struct{ line, column int }

// layoutToken is a punctuation mark, a whole number or a character that has no place in a layout.
type layoutToken struct {
	// kind is the mark in ASCII, or one of the kinds below. A line's end is a semicolon.
	kind rune
	// char is the first character, as it was written.
	char rune
	// value is that of a whole number, MaxNumber+1 for all above MaxNumber.
	value int
	at    textPosition
}

// The kinds of tokens that are no punctuation mark.
const (
	tokenNumber  = -1 - iota
	tokenStray   // a character that has no place in a layout
	tokenNotText // a byte that is not UTF-8
	tokenEnd     // after the last character
)

// layoutScanner cuts a text into tokens.
type layoutScanner struct {
	rest string
	// char is the first character of rest, \n for a line's end of any form, tokenNotText or tokenEnd, and size is its length.
	char rune
	size int
	at   textPosition // of char
}

func newLayoutScanner(text string) layoutScanner {
	s := layoutScanner{rest: text, at: textPosition{1, 1}}
	s.decode()
	return s
}

func (s *layoutScanner) decode() {
	s.char, s.size = utf8.DecodeRuneInString(s.rest)
	switch {
	case s.size == 0:
		s.char = tokenEnd
	case s.char == utf8.RuneError && s.size == 1:
		s.char = tokenNotText
	case s.char == '\r':
		s.char = '\n'
		if strings.HasPrefix(s.rest, "\r\n") {
			s.size = 2
		}
	}
}

func (s *layoutScanner) advance() {
	s.at.column++
	if s.char == '\n' {
		s.at = textPosition{s.at.line + 1, 1}
	}
	s.rest = s.rest[s.size:]
	s.decode()
}

// next returns the next token. At the end it returns tokenEnd, however often it is called.
func (s *layoutScanner) next() layoutToken {
	for isDirection(s.char) || s.char != '\n' && unicode.IsSpace(s.char) {
		s.advance()
	}
	token := layoutToken{kind: layoutKind(s.char), char: s.char, at: s.at}
	s.advance()
	if token.kind != tokenNumber {
		return token
	}
	token.value = digitValue(token.char)
	for ; isDirection(s.char) || digitValue(s.char) >= 0; s.advance() {
		if !isDirection(s.char) {
			token.value = min(10*token.value+digitValue(s.char), MaxNumber+1)
		}
	}
	return token
}

func layoutKind(char rune) rune {
	switch char {
	case ':', tokenNotText, tokenEnd:
		return char
	case ',', '\u060c': // Arabic comma
		return ','
	case ';', '\n', '\u061b': // Arabic semicolon
		return ';'
	case '-', '\u2212', '\u2013': // minus sign, en dash
		return '-'
	}
	if digitValue(char) >= 0 {
		return tokenNumber
	}
	return tokenStray
}

// digitValue returns the value of an ASCII, Arabic-Indic or Extended Arabic-Indic digit, or -1.
func digitValue(char rune) int {
	for _, zero := range [...]rune{'0', '٠', '۰'} {
		if char >= zero && char <= zero+9 {
			return int(char - zero)
		}
	}
	return -1
}

// isDirection tells the marks of direction that phones put into Arabic text: left-to-right, right-to-left, Arabic letter.
func isDirection(char rune) bool { return char == '\u200e' || char == '\u200f' || char == '\u061c' }
