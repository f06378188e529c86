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

// The statements that a fault can be at, by how they begin.
const (
	AnyStatement    = ""
	ReadMemberships = "SELECT m.user_id"
	Begin           = "START TRANSACTION"
	InsertApartment = "INSERT INTO `apartments`"
	InsertLog       = "INSERT INTO `logs`"
	Commit          = "COMMIT"
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
// the protocol that packets have a length and a number, and that packet 0 with the code 3 is a statement as text.
type Proxy struct {
	listener *net.TCPListener
	target   string
	running  sync.WaitGroup

	mu     sync.Mutex
	fault  *Fault
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

// Inject makes a fault happen from now on, in place of any other.
func (p *Proxy) Inject(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.down = &f, false
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
	comQuery     = 3
)

func statementIn(packet []byte) ([]byte, bool) {
	if packet[3] != 0 || len(packet) <= packetHeader || packet[packetHeader] != comQuery {
		return nil, false
	}
	return packet[packetHeader+1:], true
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
// answer to it, and with its first byte the statement has been executed.
func (l *link) fromServer() {
	buffer := make([]byte, 16<<10)
	for {
		n, err := l.server.Read(buffer)
		if fault := l.answerless.Load(); fault != nil && n > 0 {
			if !l.faulty.Load() {
				l.suffer(fault)
			}
			continue
		}
		if n > 0 {
			_, _ = l.client.Write(buffer[:n]) // a client that has gone is noticed by fromClient
		}
		if err != nil {
			l.cut()
			return
		}
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
