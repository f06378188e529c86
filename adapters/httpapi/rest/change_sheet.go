package rest

import (
	"encoding/csv"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

const byteOrderMark = "\ufeff"

// streamPatience is how long a client may take to read a page of a stream.
const streamPatience = 30 * time.Second

// columns are those of the ledger as a spreadsheet.
var columns = []string{
	"sequence", "at (UTC)", "kind", "apartment", "floor before", "number before", "status before", "floor after", "number after", "status after",
	"by", "through apartment", "longitude", "latitude", "source", "request id", "change set",
}

// streamChanges answers with all that is asked for, page after page, as a spreadsheet takes it. Each page is a reading of its own, so
// that a caller who loses the permission reads no further.
func (s *Surface) streamChanges(r *request, in application.ReadLedgerInput) error {
	end, err := s.server.BeginStream(r)
	if err != nil {
		return err
	}
	defer end()
	in.Limit = application.MaxPageSize
	response := r.Response()
	controller := http.NewResponseController(response)
	sheet := csv.NewWriter(response)
	sheet.UseCRLF = true
	cells := make([]string, 0, len(columns))
	for first := true; ; first = false {
		out, err := httpapi.Call(s.server, r, s.use.ReadLedger, in)
		if err != nil {
			return err
		}
		_ = controller.SetWriteDeadline(time.Now().Add(streamPatience)) // where there is none, nothing bounds it
		if first {
			h := response.Header()
			h.Set(echo.HeaderContentType, "text/csv; charset=utf-8; header=present")
			h.Set(echo.HeaderContentDisposition, `attachment; filename="block-`+strconv.FormatInt(int64(in.Block), 10)+`-changes.csv"`)
			response.WriteHeader(http.StatusOK)
			if r.Request().Method == http.MethodHead {
				return nil
			}
			if _, err := io.WriteString(response, byteOrderMark); err != nil {
				return gone(err)
			}
			_ = sheet.Write(columns) // Flush tells
		}
		for _, e := range out.Items {
			cells = appendCells(cells[:0], e)
			_ = sheet.Write(cells)
		}
		sheet.Flush()
		if err := sheet.Error(); err != nil {
			return gone(err)
		}
		if out.Next == nil {
			return nil
		}
		in.After = out.Next
	}
}

// gone is for a client that does not take its answer.
func gone(err error) error { return &goneError{err} }

type goneError struct{ cause error }

func (e *goneError) Error() string { return e.cause.Error() }
func (e *goneError) Unwrap() error { return httpapi.ClientGone }

func appendCells(cells []string, e domain.LedgerEntry) []string {
	cells = append(cells, strconv.FormatInt(int64(e.Sequence), 10), e.Origin.At.UTC().Format(time.DateTime), string(e.Kind), strconv.FormatInt(int64(e.Apartment), 10))
	for _, state := range []domain.State{e.Before, e.After} {
		if state.IsZero() {
			cells = append(cells, "", "", "")
			continue
		}
		cells = append(cells, strconv.Itoa(state.Floor().Level()), strconv.Itoa(state.Number().Int()), string(state.Status()))
	}
	return append(cells, orEmpty(e.Origin.By), orEmpty(e.Origin.Through),
		degrees(e.Origin.Location.Longitude()), degrees(e.Origin.Location.Latitude()), string(e.Origin.Source), plainCell(e.Origin.RequestID), e.ChangeSet.String())
}

func orEmpty[ID ~int64](id ID) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func degrees(n float64, given bool) string {
	if !given {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// plainCell returns a text as a cell that no spreadsheet takes for a formula: behind an apostrophe where it begins as one.
func plainCell(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// prefersCSV reports whether Accept names text/csv, and JSON not before it.
func prefersCSV(h http.Header) bool {
	sheet, object := 0.0, 0.0
	for part := range strings.SplitSeq(strings.Join(h.Values(echo.HeaderAccept), ","), ",") {
		mediaType, attributes, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, given := attributes["q"]; given {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		switch mediaType {
		case typeCSV:
			sheet = max(sheet, quality)
		case typeJSON:
			object = max(object, quality)
		}
	}
	return sheet > 0 && sheet >= object
}
