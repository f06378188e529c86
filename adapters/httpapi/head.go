package httpapi

// maxHeadLines is how many lines the head of a request may have. In memory, a line takes many times its own length.
const maxHeadLines = 100

// The answers to a head that is refused here and not by net/http. They have no envelope, like net/http's own.
const (
	badHead  = "400 Bad Request"
	longHead = "431 Request Header Fields Too Large"
)

// headCheck checks the heads of a connection's requests as they are read. It refuses what net/http accepts and other servers
// read differently: line ends without a CR, and lines that continue on the next one (RFC 9112, sections 2.2 and 5.2). It also
// refuses too many lines. It does not check a head that was read together with the end of the body before it.
type headCheck struct {
	ended  bool // the head has been read whole
	lines  int
	length int // of the line so far, its CR not counted
	cr     bool
}

// add checks what has been read, and returns the status that refuses the head, "" for none.
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
