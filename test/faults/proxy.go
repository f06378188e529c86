package faults

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// What the program says to the server, by how it begins: each text is one or more statements, and has one answer.
const (
	// ReadMemberships reads those of a user, ReadTogether those of several.
	ReadMemberships = "EXECUTE"
	ReadTogether    = "SELECT m.user_id"
	// Register is the one text of registrations, alone or together. Where a number is taken, ReadKept begins the transaction that
	// reads what stands in the way.
	Register = "START TRANSACTION; UPDATE blocks"
	ReadKept = "START TRANSACTION; SELECT id, version FROM blocks"
)

// Effect is what becomes of a connection.
type Effect int

// The effects of a fault.
const (
	// Cut resets the connection on both sides.
	Cut Effect = iota
	// Silence leaves it open and says no more on it, until the client closes it.
	Silence
	// Strand resets it on the client's side alone, as a network does that is parted: the server waits for its client.
	Strand
)

// Repeat is how often a fault happens.
type Repeat int

// The repeats of a fault.
const (
	// Once is at the first such statement alone.
	Once Repeat = iota
	// Always is at every such statement.
	Always
	// ThenDown is at the first such statement, after which every connection is cut, as if the server had gone.
	ThenDown
)

// Fault is one thing that goes wrong.
type Fault struct {
	// Statement is how the statement begins that it happens at.
	Statement string
	// Executed is whether the server executes the statement, and only its answer does not come. Else it never sees it.
	Executed bool
	Effect   Effect
	Repeat   Repeat
}

// Proxy stands between clients and a MySQL server, on loopback, and passes on what they say until a fault. It knows of
// the protocol that packets have a length and a number, that packet 0 has the code of a command, and by which packet an
// answer ends.
type Proxy struct {
	listener *net.TCPListener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	fault  *Fault
	struck chan struct{} // by fault, if not closed
	down   bool
	fired  int
	links  map[*link]bool
	closed bool
}

// NewProxy returns a proxy to the server at host:port, without a fault. It runs until Close.
func NewProxy(target string) (*Proxy, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, target: target, links: map[*link]bool{}}
	p.running.Go(p.accept)
	return p, nil
}

// Address returns the host:port that clients connect to.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Inject makes a fault happen from now on, in place of any other. The channel it returns is closed when it first does.
func (p *Proxy) Inject(f Fault) (struck <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.down, p.struck = &f, false, make(chan struct{})
	return p.struck
}

// Heal ends the fault, and resets the connections that it left silent or stranded.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.down = nil, false
	for l := range p.links {
		if l.faulty.Load() {
			l.cut()
			delete(p.links, l)
		}
	}
}

// Fired returns how many statements the faults have hit so far. Connections that were cut because the server seemed to
// be gone are not among them.
func (p *Proxy) Fired() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fired
}

// Close resets all connections and returns when nothing of the proxy runs any more.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.closed = true
	for l := range p.links {
		l.cut()
	}
	p.mu.Unlock()
	p.running.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.running.Go(func() { p.link(client) })
		}
	}
}

// link serves one client.
func (p *Proxy) link(client *net.TCPConn) {
	l := &link{proxy: p, client: client}
	server, err := net.Dial("tcp", p.target)
	if err == nil {
		l.server = server.(*net.TCPConn)
	}
	if err != nil || !p.add(l) {
		l.cut()
		return
	}
	defer p.remove(l)
	p.running.Go(l.fromServer)
	l.fromClient()
}

// add returns false where there are no connections to be had.
func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down || p.closed {
		return false
	}
	p.links[l] = true
	return true
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !l.stranded.Load() {
		l.cut()
		delete(p.links, l)
	}
}

// strikes returns the fault that a packet from a client is hit by, nil for none.
func (p *Proxy) strikes(packet []byte) *Fault {
	statement, ok := statementIn(packet)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return &Fault{}
	}
	if p.fault == nil || !ok || !bytes.HasPrefix(statement, []byte(p.fault.Statement)) {
		return nil
	}
	p.fired++
	if p.struck != nil {
		close(p.struck)
		p.struck = nil
	}
	f := p.fault
	switch f.Repeat {
	case Once:
		p.fault = nil
	case ThenDown:
		p.down = true
	}
	return f
}

const (
	packetHeader = 4 // a length of three bytes and a number of one
	comQuery     = 0x03
	comExecute   = 0x17
)

func statementIn(packet []byte) ([]byte, bool) {
	switch {
	case packet[3] != 0 || len(packet) <= packetHeader:
		return nil, false
	case packet[packetHeader] == comQuery:
		return packet[packetHeader+1:], true
	default:
		return []byte(ReadMemberships), packet[packetHeader] == comExecute // nothing else is prepared
	}
}

const (
	okPacket          = 0x00
	eofPacket         = 0xfe
	errorPacket       = 0xff
	moreResults       = 0x0008
	longestEOF        = 9
	longInteger       = 0xfc // of two bytes; what is below is the integer itself
	shortOKPacketSize = 5
)

// endsAnswer reports whether a packet of the server ends its answer to a text of statements.
func endsAnswer(packet []byte) bool {
	body := packet[packetHeader:]
	switch {
	case len(body) == 0:
		return false
	case body[0] == errorPacket:
		return true
	case body[0] == eofPacket && len(body) < longestEOF && len(body) >= shortOKPacketSize:
		return binary.LittleEndian.Uint16(body[3:])&moreResults == 0
	case body[0] == okPacket && len(body) >= shortOKPacketSize:
		at := 1
		for range 2 { // how many rows, and the last id
			width := map[byte]int{longInteger: 3, longInteger + 1: 4, longInteger + 2: 9}[body[at]]
			at += max(width, 1)
		}
		return binary.LittleEndian.Uint16(body[at:])&moreResults == 0
	default:
		return false
	}
}

func readPacket(r io.Reader) ([]byte, error) {
	packet := make([]byte, packetHeader)
	if _, err := io.ReadFull(r, packet); err != nil {
		return nil, err
	}
	var length [4]byte
	copy(length[:], packet[:3])
	packet = append(packet, make([]byte, binary.LittleEndian.Uint32(length[:]))...)
	_, err := io.ReadFull(r, packet[packetHeader:])
	return packet, err
}

// link is a connection of a client, and the one to the server that belongs to it.
type link struct {
	proxy          *Proxy
	client, server *net.TCPConn
	// answerless is the fault that the server's next answer is lost by.
	answerless       atomic.Pointer[Fault]
	faulty, stranded atomic.Bool
}

func (l *link) fromClient() {
	r := bufio.NewReader(l.client)
	for {
		packet, err := readPacket(r)
		if err != nil {
			return
		}
		fault := l.proxy.strikes(packet)
		if fault != nil && !fault.Executed {
			l.suffer(fault)
			if fault.Effect == Silence {
				_, _ = io.Copy(io.Discard, r) // until the client has had enough
			}
			return
		}
		if fault != nil {
			l.answerless.Store(fault)
		}
		if _, err := l.server.Write(packet); err != nil {
			return
		}
	}
}

// fromServer passes on what the server says. A client waits for its answer, so whatever comes after a statement is the
// answer to it, and at its end the statement has been executed.
func (l *link) fromServer() {
	r := bufio.NewReader(l.server)
	for {
		packet, err := readPacket(r)
		if err != nil {
			l.cut()
			return
		}
		if fault := l.answerless.Load(); fault != nil {
			if endsAnswer(packet) && !l.faulty.Load() {
				l.suffer(fault)
			}
			continue
		}
		_, _ = l.client.Write(packet) // a client that has gone is noticed by fromClient
	}
}

func (l *link) suffer(fault *Fault) {
	if fault.Effect == Strand {
		l.stranded.Store(true)
	}
	l.faulty.Store(true)
	switch fault.Effect {
	case Cut:
		l.cut()
	case Strand:
		reset(l.client)
	}
}

func (l *link) cut() {
	reset(l.client)
	if l.server != nil {
		reset(l.server)
	}
}

// reset closes a connection so that what is under way on it is lost and the other side learns at once.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0) // it may be closed already, as below
	_ = c.Close()
}
