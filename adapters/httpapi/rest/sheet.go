package rest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/internal/decimal"
	"omarty.net/registry/domain"
)

// sheet reads the changes of a spreadsheet's CSV: a header floor,number, and a row for each apartment to register, unless it is there already. Commas may
// be semicolons or tabs, cells may be quoted, lines may end in LF, CRLF or CR, and digits may be Arabic. A quote that does not end is
// a fault of its own row.
func (f *faults) sheet(body []byte) ([]domain.Change, error) {
	unreadable := func(detail string) error { return &refusal{code: httpapi.BodyUnreadable, detail: detail} }
	body = bytes.TrimPrefix(body, []byte(byteOrderMark))
	if !utf8.Valid(body) {
		return nil, unreadable("The CSV is not in UTF-8. Save it as CSV UTF-8.")
	}
	var changes []domain.Change
	separator := ""
	line := 0
	for row := range lines(string(body)) {
		line++
		if strings.TrimSpace(row) == "" {
			continue
		}
		if separator == "" {
			if separator = separatorOf(row); separator == "" {
				return nil, unreadable("The first row of the CSV must be floor,number.")
			}
			continue
		}
		if len(changes) == domain.MaxChanges {
			f.add("/changes", domain.TooLong, "has more than "+strconv.Itoa(domain.MaxChanges)+" rows")
			break
		}
		changes = append(changes, f.row(row, separator, len(changes), line))
	}
	if separator == "" {
		return nil, unreadable("The CSV is empty. Its first row must be floor,number.")
	}
	if len(changes) == 0 {
		f.refuse("/changes", domain.Missing)
	}
	return changes, nil
}

// lines yields the lines of a text, whatever ends them.
func lines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			row, rest := text, ""
			if end := strings.IndexAny(text, "\r\n"); end >= 0 {
				row, rest = text[:end], text[end+1:]
				if text[end] == '\r' {
					rest = strings.TrimPrefix(rest, "\n")
				}
			}
			if !yield(row) {
				return
			}
			text = rest
		}
	}
}

// separatorOf returns what separates the cells of the header, "" where it is another header.
func separatorOf(header string) string {
	for _, separator := range []string{",", ";", "\t"} {
		floor, number, _ := strings.Cut(header, separator)
		if strings.EqualFold(cell(floor), "floor") && strings.EqualFold(cell(number), "number") {
			return separator
		}
	}
	return ""
}

// cell returns the text of a cell.
func cell(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		return strings.TrimSpace(text[1 : len(text)-1])
	}
	return text
}

// row reads a row as the change that registers an apartment, the zero change where there are faults.
func (f *faults) row(text, separator string, index, line int) domain.Change {
	at := "/changes/" + strconv.Itoa(index)
	cells := strings.SplitN(text, separator, 3)
	if len(cells) != 2 {
		f.add(at, domain.Unreadable, "line "+strconv.Itoa(line)+" must have a floor and a number, and nothing else")
		return domain.Change{}
	}
	var numbers [2]*int64
	for i, name := range []string{"/floor", "/number"} {
		text := cell(cells[i])
		n, ok := decimal.ParseText(text)
		switch {
		case text == "":
			f.add(at+name, domain.Missing, "is required (line "+strconv.Itoa(line)+")")
		case !ok || !n.IsWhole():
			f.add(at+name, notWhole, "must be a whole number (line "+strconv.Itoa(line)+")")
		default:
			whole := n.Saturated()
			numbers[i] = &whole
		}
	}
	if numbers[0] == nil || numbers[1] == nil {
		return domain.Change{}
	}
	floor, err := domain.NewFloor(*numbers[0])
	f.refuse(at+"/floor", err)
	number, err := domain.NewNumber(*numbers[1])
	f.refuse(at+"/number", err)
	change, _ := domain.NewRegister(floor, number) // else there are faults
	return change.IfAbsent()
}
