package httpapi

// maxHeadLines is how many lines the head of a request may have. Each takes many times its own length in memory.
const maxHeadLines = 100

// What a head is refused with that net/http would take, in net/http's manner: such a head has no request yet, and no
// envelope.
const (
	badHead  = "400 Bad Request"
	longHead = "431 Request Header Fields Too Large"
)

// headCheck looks at the heads of a connection's requests as they are read. It refuses what net/http takes and others read
// otherwise: line ends without a CR, and lines that go on with the next one (RFC 9112, sections 2.2 and 5.2); and too many
// lines. A head that was read together with the end of the body before it is not looked at.
type headCheck struct {
	ended  bool // the head has been read whole
	lines  int
	length int // of the line so far, its CR not counted
	cr     bool
}

// add looks at what has been read, and returns what the head is refused with, or nothing.
func (h *headCheck) add(read []byte) (refusal string) {
	for _, c := range read {
		switch {
		case h.ended:
			return ""
		case c == '\n':
			if !h.cr && h.length+h.lines > 0 {
				return badHead
			}
			h.ended = h.length == 0
			h.lines, h.length = h.lines+1, 0
			if h.lines > maxHeadLines && !h.ended {
				return longHead
			}
		case c == '\r':
		case (c == ' ' || c == '\t') && h.length == 0 && h.lines > 0:
			return badHead
		default:
			h.length++
		}
		h.cr = c == '\r'
	}
	return ""
}
